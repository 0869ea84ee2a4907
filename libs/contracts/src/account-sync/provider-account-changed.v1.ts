import { IsArray, IsISO8601, IsOptional, IsString, IsUUID, Length } from 'class-validator';
import { Event } from '../event-contract.ts';

@Event({
  subject: 'account-sync.provider-account-changed.v1',
  producer: 'account-sync',
  aggregate: 'provider-account',
  summary: 'CMP tells something new about an account; the values are the new ones.',
})
export class ProviderAccountChangedV1 {
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
  /** The names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}
