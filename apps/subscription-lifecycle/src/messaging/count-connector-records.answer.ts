import { Controller } from '@nestjs/common';
import { CountLifecycleRecords, type LifecycleRecordCounts } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { countConnectorRecords } from '../persistence/connector-records.ts';

@Controller()
export class AnswerCountConnectorRecords {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountLifecycleRecords)
  count({ tenantId, connectorId }: CountLifecycleRecords): Promise<LifecycleRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}
