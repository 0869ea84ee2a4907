import { PageQuery } from '@isthmus/service-kit';
import { IsString, IsUUID, Length } from 'class-validator';
import { IfGiven } from './if-given.ts';
import { QueryFlag } from './query-flag.ts';

/** Of one account. */
export class AccountSubscriptionQuery extends PageQuery {
  /** CMP's word: pending, active, hold, terminated, removed, unknown. */
  @IfGiven() @IsString() @Length(1, 64) status?: string;
  /** Also those CMP no longer lists. */
  @IfGiven() @QueryFlag() includeGone?: boolean;
}

export class ProviderSubscriptionQuery extends AccountSubscriptionQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
}
