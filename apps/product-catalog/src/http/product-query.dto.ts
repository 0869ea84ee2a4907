import { IfGiven, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { IsISO8601, IsString, IsUUID, Length, Matches } from 'class-validator';

export class ProductQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 255) vendor?: string;
  @IfGiven() @IsString() @Length(1, 255) mpn?: string;
  /** Part of the name, the mpn, CMP's id or the vendor. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  /** Also those CMP no longer lists. */
  @IfGiven() @QueryFlag() includeWithdrawn?: boolean;
}

/** ISO 8601 has other forms too, such as weeks, which PostgreSQL does not read. */
const dayOrInstant = /^[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

export class PriceListQuery {
  /** A day or an instant: as it was then; without it all of the history. */
  @IfGiven() @IsISO8601({ strict: true }) @Matches(dayOrInstant) at?: string;
}
