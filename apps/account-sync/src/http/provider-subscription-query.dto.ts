import { PageQuery, IfGiven, QueryFlag } from '@isthmus/service-kit';
import { IsIn, IsString, IsUUID, Length } from 'class-validator';
import { endedFilters, type EndedFilter } from '../persistence/queries/ended-filter.ts';

/** Of one account. */
export class AccountSubscriptionQuery extends PageQuery {
  /** CMP's word: pending, active, hold, terminated, removed, unknown; or `no-longer-listed`, `connector-removed`. */
  @IfGiven() @IsString() @Length(1, 64) status?: string;
  /** What is over (ended, closed, or no longer listed): `exclude` is the default, `include` also shows it, `only` shows nothing else. */
  @IfGiven() @IsIn(endedFilters) ended?: EndedFilter;
  /** `true`: the same as `ended=include`. */
  @IfGiven() @QueryFlag() includeGone?: boolean;
}

export class ProviderSubscriptionQuery extends AccountSubscriptionQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
}
