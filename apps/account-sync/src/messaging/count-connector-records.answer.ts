import { Controller } from '@nestjs/common';
import { CountAccountRecords, type AccountRecordCounts } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { countConnectorRecords } from '../persistence/connector-records.ts';

@Controller()
export class AnswerCountConnectorRecords {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountAccountRecords)
  count({ tenantId, connectorId }: CountAccountRecords): Promise<AccountRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}
