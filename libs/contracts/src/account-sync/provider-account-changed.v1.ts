import { Type } from 'class-transformer';
import { IsArray, IsISO8601, IsOptional, IsString, IsUUID, Length, ValidateNested } from 'class-validator';
import { Event } from '../event-contract.ts';
import { FieldChangeV1 } from '../field-change.ts';

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
  /** What differs, with the values before and after. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldChangeV1)
  changes?: FieldChangeV1[];
  /** The names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}
