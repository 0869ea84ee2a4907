import { IsISO8601, IsOptional, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'account-sync.provider-account-appeared.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'CMP lists an account that was not there before.',
})
export class ProviderAccountAppearedV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() providerAccountId!: string;
  @Length(1, 64) cmpAccountId!: string;
  @Length(0, 500) name!: string;
  /** CMP's word. */
  @Length(1, 64) status!: string;
  /** Locally owned; no sync overwrites it. */
  @IsOptional() @Length(1, 255) customDomain?: string;
  @IsOptional() @Length(1, 255) externalId?: string;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}
