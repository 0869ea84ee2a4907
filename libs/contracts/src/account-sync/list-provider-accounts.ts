import { Type } from 'class-transformer';
import { IsArray, IsOptional, Length, ValidateNested } from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { ProviderAccountQuestion, ProviderAccountV1 } from './provider-account.ts';

/** The answer to ListProviderAccounts. */
export class ListedProviderAccounts {
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProviderAccountV1) accounts!: ProviderAccountV1[];
  /** To be given back for what follows; absent on the last page. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@Ask({
  subject: 'ask.account-sync.list-provider-accounts',
  service: 'account-sync',
  summary: 'The provider accounts of a connector that CMP still lists, by id, up to 1,000 at a time.',
})
export class ListProviderAccounts extends ProviderAccountQuestion {
  static readonly answer = ListedProviderAccounts;
  @IsOptional() @Length(1, 1000) cursor?: string;
}
