import { NeededProductV1, type WithdrawalReason, withdrawalReasons } from '@isthmus/contracts';
import { IfGiven, isoTime, isoTimeOrNull, OrNull, PageQuery, QueryFlag } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import type { PriceListEntry } from './prices.store.ts';
import { vendorPartNumber } from './product.ts';
import type { ListedProduct } from './products.store.ts';

export class ProductQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsString() @Length(1, 255) vendor?: string;
  @IfGiven() @IsString() @Length(1, 255) mpn?: string;
  /** Part of the name, the mpn, CMP's id or the vendor. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  /** Includes products that CMP no longer lists. */
  @IfGiven() @QueryFlag() includeWithdrawn?: boolean;
}

/** ISO 8601 has other forms too, such as weeks, which PostgreSQL does not read. */
const dayOrInstant = /^[1-9]\d{3}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/;

export class PriceListQuery {
  /** A date or a date-time: prices as of then; without it the whole history. */
  @IfGiven() @IsISO8601({ strict: true }) @Matches(dayOrInstant) at?: string;
}

class PriceView {
  @IsString() amount!: string;
  @IsString() currency!: string;
  @IsOptional() @IsString() type?: string;
  @IsOptional() @IsString() model?: string;
  /** The quantity from which it holds. */
  @IsOptional() @IsNumber() lowerLimit?: number;
}

/** Whether its term may or must end with that of another subscription, in CMP's words. */
class CotermingView {
  @IsOptional() @IsString() required?: string;
  @IsOptional() @IsString() type?: string;
}

export class ProductView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** CMP's id; null where it shows none. */
  @OrNull() @IsString() cmpProductId!: string | null;
  /** Null if vendor and MPN cannot be part of one. */
  @OrNull() @IsString() partNumber!: string | null;
  /** The part number that is shown for it instead; null if it has none. */
  @OrNull() @IsString() alias!: string | null;
  @IsString() vendor!: string;
  @IsString() mpn!: string;
  @IsString() name!: string;
  @OrNull() @IsString() serviceName!: string | null;
  @OrNull() @IsString() billingPeriod!: string | null;
  @OrNull() @IsString() term!: string | null;
  @OrNull() @IsString() billingModel!: string | null;
  @OrNull() @IsNumber() minimum!: number | null;
  @OrNull() @IsNumber() maximum!: number | null;
  @IsArray() @ValidateNested({ each: true }) @Type(() => PriceView) prices!: PriceView[];
  @IsArray() @ValidateNested({ each: true }) @Type(() => PriceView) costs!: PriceView[];
  /** Products that CMP adds to an order when they are missing. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => NeededProductV1) dependsOn!: NeededProductV1[];
  @OrNull() @ValidateNested() @Type(() => CotermingView) coterming!: CotermingView | null;
  @OrNull() @IsISO8601() withdrawnAt!: string | null;
  @OrNull() @IsIn(withdrawalReasons) withdrawalReason!: WithdrawalReason | null;
  @IsISO8601() asOf!: string;
  @IsInt() version!: number;
}

export const toProduct = ({
  aliasPartNumber: alias,
  goneAt,
  goneReason,
  ...product
}: ListedProduct): ProductView => ({
  ...product,
  alias,
  partNumber: vendorPartNumber(product.vendor, product.mpn) ?? null,
  withdrawnAt: isoTimeOrNull(goneAt),
  withdrawalReason: goneAt && (goneReason ?? 'no-longer-listed'),
  asOf: isoTime(product.asOf),
});

class PriceListEntryView {
  @IsString() currency!: string;
  @IsString() type!: string;
  @IsString() model!: string;
  @IsNumber() lowerLimit!: number;
  /** The customer's price, and the reseller's cost. */
  @OrNull() @IsString() amount!: string | null;
  @OrNull() @IsString() cost!: string | null;
  @IsISO8601() effectiveFrom!: string;
  @OrNull() @IsISO8601() effectiveTo!: string | null;
}

export class PriceList {
  @IsArray() @ValidateNested({ each: true }) @Type(() => PriceListEntryView) data!: PriceListEntryView[];
}

export const toPriceListEntry = ({
  id: _,
  tenantId: _tenantId,
  productId: _productId,
  ...entry
}: PriceListEntry): PriceListEntryView => ({
  ...entry,
  effectiveFrom: isoTime(entry.effectiveFrom),
  effectiveTo: isoTimeOrNull(entry.effectiveTo),
});
