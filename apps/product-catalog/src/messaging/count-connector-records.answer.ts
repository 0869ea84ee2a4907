import { Controller } from '@nestjs/common';
import { CountCatalogRecords, type CatalogRecordCounts } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { countConnectorRecords } from '../persistence/connector-records.ts';

@Controller()
export class AnswerCountConnectorRecords {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountCatalogRecords)
  count({ tenantId, connectorId }: CountCatalogRecords): Promise<CatalogRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}
