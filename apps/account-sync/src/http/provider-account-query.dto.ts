import { PageQuery, IfGiven, QueryFlag } from '@isthmus/service-kit';
import { IsString, IsUUID, Length } from 'class-validator';

export class ProviderAccountQuery extends PageQuery {
  /** Part of the name, the custom domain, the external id or CMP's id. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 64) tenantAccountId?: string;
  /** `false`: only those that still have to be linked. */
  @IfGiven() @QueryFlag() linked?: boolean;
  /** Also those CMP no longer lists. */
  @IfGiven() @QueryFlag() includeGone?: boolean;
}
