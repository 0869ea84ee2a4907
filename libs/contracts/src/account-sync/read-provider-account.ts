import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { ProviderAccountV1 } from './provider-account.ts';

/** The answer to ReadProviderAccount; without `account` the tenant, or the connector, has none of this id. */
export class ReadProviderAccountAnswer {
  @IsOptional() @ValidateNested() @Type(() => ProviderAccountV1) account?: ProviderAccountV1;
}

@Ask({
  subject: 'ask.account-sync.read-provider-account',
  service: 'account-sync',
  summary: 'One provider account, by our id.',
})
export class ReadProviderAccount {
  static readonly answer = ReadProviderAccountAnswer;
  @IsUUID() tenantId!: string;
  /** Given: one of this connector and of no other. */
  @IsOptional() @IsUUID() connectorId?: string;
  @IsUUID() providerAccountId!: string;
}
