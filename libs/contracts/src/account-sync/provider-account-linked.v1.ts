import { IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'account-sync.provider-account-linked.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'A provider account now belongs to a tenant account.',
})
export class ProviderAccountLinkedV1 {
  @IsUUID() providerAccountId!: string;
  @Length(1, 64) tenantAccountId!: string;
  /** The person's subject, or the service's name. */
  @Length(1, 200) by!: string;
}
