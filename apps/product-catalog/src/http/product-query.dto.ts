import { IfGiven, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { IsISO8601, IsString, IsUUID, Length } from 'class-validator';

export class ProductQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 255) vendor?: string;
  @IfGiven() @IsString() @Length(1, 255) mpn?: string;
  /** Part of the name, the mpn, CMP's id or the vendor. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  /** Also those CMP no longer lists. */
  @IfGiven() @QueryFlag() includeWithdrawn?: boolean;
}

export class PriceListQuery {
  /** As it was then; without it all of the history. */
  @IfGiven() @IsISO8601({ strict: true }) at?: string;
}
