import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { ProviderAccountQuestion, ProviderAccountV1 } from './provider-account.ts';

/** The answer to ReadProviderAccount; without `account` the connector has none of this id. */
export class ReadProviderAccountAnswer {
  @IsOptional() @ValidateNested() @Type(() => ProviderAccountV1) account?: ProviderAccountV1;
}

@Ask({
  subject: 'ask.account-sync.read-provider-account',
  service: 'account-sync',
  summary: 'One provider account of a connector, by our id.',
})
export class ReadProviderAccount extends ProviderAccountQuestion {
  static readonly answer = ReadProviderAccountAnswer;
  @IsUUID() providerAccountId!: string;
}
