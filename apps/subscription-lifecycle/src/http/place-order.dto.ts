import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { isoPeriod, MoneyV1 } from '@isthmus/contracts';
import { NotWith } from './not-with.ts';
import { orderKinds, type OrderKind } from '../domain/order/order-ask.ts';

const isCreate = ({ kind }: PlaceOrder) => kind === 'create';
const hasSeats = ({ kind }: PlaceOrder) => kind === 'create' || kind === 'change-quantity';

/** A parameter of a purchase, as CMP names it: `microsoft_domain`, `tenant_preference`, `mca_acceptance` … */
export class OrderParameterDto {
  @Length(1, 100) name!: string;
  @IsOptional() @IsString() @Length(0, 1000) value?: string;
  /** For parameters that are not a text, such as an attestation. */
  @IsOptional() @IsObject() structured_value?: object;
}

/** `upgrade` and `migrate` are understood, in order to be refused with what to do instead. */
export const commandedKinds = [...orderKinds, 'upgrade', 'migrate'] as const;

export class PlaceOrder {
  @IsIn(commandedKinds) kind!: OrderKind | 'upgrade' | 'migrate';
  /** Of everything but a purchase. */
  @ValidateIf((order: PlaceOrder) => !isCreate(order)) @IsUUID() subscriptionId?: string;
  /** Of a purchase. */
  @ValidateIf(isCreate) @IsUUID() providerAccountId?: string;
  /** Of a purchase: `INGRAM:vendorID:mpn`. */
  @ValidateIf(isCreate) @IsString() @Length(1, 600) partNumber?: string;
  /** Of a purchase, where the part number alone is ambiguous. An order that means another one than these is refused. */
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** The new total, never a difference. */
  @ValidateIf(hasSeats) @IsInt() @Min(1) @Max(1_000_000) seats?: number;
  /** Of a change of quantity. */
  @IsOptional() @IsIn(['now', 'renewal']) when?: 'now' | 'renewal';
  /** Of a change of quantity, where the subscription has several lines. */
  @IsOptional() @IsString() @Length(1, 255) mpn?: string;
  /** CMP's id of that line's product, where the mpn alone names several. */
  @IsOptional() @IsString() @Length(1, 255) cmpProductId?: string;
  /** Of a renewal setting. */
  @ValidateIf(({ kind }: PlaceOrder) => kind === 'renewal-setting') @IsBoolean() autoRenew?: boolean;
  /** Of a purchase. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => OrderParameterDto)
  parameters?: OrderParameterDto[];
  /** The order is refused when CMP estimates more. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) highestTotal?: MoneyV1;
  /** Products that CMP may add by itself, by mpn; none unless named here. */
  @IsOptional() @IsArray() @ArrayMaxSize(50) @IsString({ each: true }) extraProducts?: string[];
  /**
   * Of an immediate change: what is scheduled for the renewal may be lost by it, and is proposed again. Without it the
   * order is refused when there is something to lose.
   */
  @IsOptional() @IsBoolean() dropScheduledChanges?: boolean;
  /** The quote that was agreed to: the order has to be the one quoted, and price and added products come from it. */
  @IsOptional() @IsUUID() @NotWith('highestTotal', 'extraProducts') quoteId?: string;
  /** With a quote: by how much CMP's price may be above the quoted one; a setting decides without it. */
  @IsOptional() @IsNumber({ maxDecimalPlaces: 3 }) @Min(0) @Max(100) priceTolerancePercent?: number;
}
