import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Min,
} from 'class-validator';
import { isoPeriod } from '../product-catalog/product-facts.ts';

export const ratedLineKinds = ['licence', 'usage', 'one-off'] as const;
export type RatedLineKind = (typeof ratedLineKinds)[number];

export const invoiceBalances = ['balanced', 'unbalanced', 'unchecked'] as const;
/** Whether the lines add up to the total the report states; `unchecked` when it states none. */
export type InvoiceBalance = (typeof invoiceBalances)[number];

const decimal = /^-?\d{1,30}(\.\d{1,20})?$/;
const day = /^\d{4}-\d{2}-\d{2}$/;

/** One line of CMP's rated data. Amounts and quantities are decimal strings, days `YYYY-MM-DD`. */
export class RatedLineV1 {
  /** Our id; the same as long as the line is. */
  @IsUUID() lineId!: string;
  /** Absent for usage that is on no invoice yet. */
  @IsOptional() @IsUUID() invoiceId?: string;
  @IsIn(ratedLineKinds) kind!: RatedLineKind;
  /** Our id; absent while the line is matched to nobody. */
  @IsOptional() @IsUUID() providerAccountId?: string;
  /** Of the provider account; the report's words while there is none. */
  @IsString() customerName!: string;
  /** Our id; absent when the line names no subscription that is known. */
  @IsOptional() @IsUUID() providerSubscriptionId?: string;
  @IsOptional() @Length(1, 255) cmpSubscriptionId?: string;
  @IsOptional() @IsString() subscriptionName?: string;
  /** `INGRAM:vendor:mpn`; absent when the vendor is not known or the two cannot stand in one. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  @IsOptional() @IsString() mpn?: string;
  /** CMP's id of the product in the line's subscription, and that subscription's term; absent when it is known to have none of this mpn. */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @IsString() manufacturer?: string;
  @IsOptional() @Matches(isoPeriod) billingCycle?: string;
  @IsOptional() @IsString() orderId?: string;
  @IsOptional() @Matches(day) chargeStartDate?: string;
  /** The last day charged. */
  @IsOptional() @Matches(day) chargeEndDate?: string;
  @IsString() description!: string;
  /** CMP's word, such as "Recurring" or "Resource Overusage". */
  @IsString() chargeType!: string;
  @IsOptional() @Matches(decimal) unitPrice?: string;
  @Matches(decimal) quantity!: string;
  @IsOptional() @Matches(decimal) tax?: string;
  @IsOptional() @Matches(decimal) discount?: string;
  @Matches(decimal) total!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** Of usage, where the report says it. */
  @IsOptional() @IsString() service?: string;
  @IsOptional() @IsString() resource?: string;
  @IsOptional() @IsString() unit?: string;
  @IsOptional() @IsString() region?: string;
}

/** An invoice of CMP to the reseller, as read from a report. */
export class InvoiceV1 {
  @IsUUID() invoiceId!: string;
  @IsUUID() connectorId!: string;
  /** CMP's number. */
  @Length(1, 255) number!: string;
  @IsOptional() @Matches(day) invoiceDate?: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** What the report states; absent when it states none. */
  @IsOptional() @Matches(decimal) statedTotal?: string;
  /** The sum of the lines. */
  @Matches(decimal) lineTotal!: string;
  @IsIn(invoiceBalances) balance!: InvoiceBalance;
  /** Why it is unbalanced, with both sums. */
  @IsOptional() @IsString() balanceDetail?: string;
  @IsInt() @Min(0) lines!: number;
  @IsInt() @Min(0) unmatchedLines!: number;
  /** Grows with each report that says something else of the invoice, and when more becomes known of its lines. */
  @IsInt() @Min(1) version!: number;
  @IsISO8601({ strict: true }) createdAt!: string;
  @IsISO8601({ strict: true }) changedAt!: string;
}

/** What every question about invoices names. An unbalanced invoice is kept from whoever does not ask for it. */
export class InvoiceQuestion {
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsOptional() @IsBoolean() includeUnbalanced?: boolean;
}
