import { PageQuery, IfGiven, QueryFlag } from '@isthmus/service-kit';
import { IsString, IsUUID, Length } from 'class-validator';

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
