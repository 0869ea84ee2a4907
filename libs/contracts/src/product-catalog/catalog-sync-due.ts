import { IsUUID } from 'class-validator';
import { Work } from '../work-contract.ts';

@Work({
  subject: 'work.product-catalog.sync-run-due',
  service: 'product-catalog',
  summary:
    'A catalogue sync waits for a worker. The lease in the database decides who has it; a second delivery is harmless.',
})
export class CatalogSyncDue {
  @IsUUID() tenantId!: string;
  @IsUUID() runId!: string;
}
