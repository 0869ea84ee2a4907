import { PageQuery, IfGiven, QueryFlag } from '@isthmus/service-kit';
import { IsIn, IsString, IsUUID, Length } from 'class-validator';
import { endedFilters, type EndedFilter } from '../persistence/queries/ended-filter.ts';

export class ProviderAccountQuery extends PageQuery {
  /** Part of the name, the custom domain, the external id or CMP's id. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 64) tenantAccountId?: string;
  /** `false`: only those that still have to be linked. */
  @IfGiven() @QueryFlag() linked?: boolean;
  /** What is over (ended, closed, or no longer listed): `exclude` is the default, `include` also shows it, `only` shows nothing else. */
  @IfGiven() @IsIn(endedFilters) ended?: EndedFilter;
  /** `true`: the same as `ended=include`. */
  @IfGiven() @QueryFlag() includeGone?: boolean;
}
