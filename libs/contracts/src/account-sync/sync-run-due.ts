import { IsUUID } from 'class-validator';
import { Work } from '../work-contract.ts';

@Work({
  subject: 'work.account-sync.sync-run-due',
  service: 'account-sync',
  summary:
    'A sync run waits for a worker. The lease in the database decides who has it; a second delivery is harmless.',
})
export class SyncRunDue {
  @IsUUID() tenantId!: string;
  @IsUUID() runId!: string;
}
