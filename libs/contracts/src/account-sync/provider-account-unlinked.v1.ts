import { IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'account-sync.provider-account-unlinked.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'A provider account no longer belongs to a tenant account.',
})
export class ProviderAccountUnlinkedV1 {
  @IsUUID() providerAccountId!: string;
  @Length(1, 64) tenantAccountId!: string;
  /** The person's subject, or the service's name. */
  @Length(1, 200) by!: string;
}
