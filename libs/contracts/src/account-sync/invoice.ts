import { Type } from 'class-transformer';
import {
  IsArray,
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
  ValidateNested,
} from 'class-validator';
import { ServiceRequest, Event } from '../contract.ts';
import { decimal, isoPeriod } from '../values.ts';

export const ratedLineKinds = ['licence', 'usage', 'one-off'] as const;
export type RatedLineKind = (typeof ratedLineKinds)[number];

export const invoiceBalances = ['balanced', 'unbalanced', 'unchecked'] as const;
/** Whether the lines add up to the total the report states; `unchecked` when it states none. */
export type InvoiceBalance = (typeof invoiceBalances)[number];

const day = /^\d{4}-\d{2}-\d{2}$/;

/** One line of CMP's rated data. Amounts and quantities are decimal strings, days `YYYY-MM-DD`. */
export class RatedLineV1 {
  /** Our id; the same as long as the line is. */
  @IsUUID() lineId!: string;
  /** Absent for usage that is on no invoice yet. */
  @IsOptional() @IsUUID() invoiceId?: string;
  @IsIn(ratedLineKinds) kind!: RatedLineKind;
  /** Our id; absent while the line is matched to no account. */
  @IsOptional() @IsUUID() providerAccountId?: string;
  /** The provider account's name, or the name in the report if there is no account. */
  @IsString() customerName!: string;
  /** Our id; absent when the line names no subscription that is known. */
  @IsOptional() @IsUUID() providerSubscriptionId?: string;
  @IsOptional() @Length(1, 255) cmpSubscriptionId?: string;
  @IsOptional() @IsString() subscriptionName?: string;
  /** `INGRAM:vendor:mpn`; absent if the vendor is unknown or the two cannot form one. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  @IsOptional() @IsString() mpn?: string;
  /**
   * CMP's id of the product in the line's subscription, and that subscription's term; absent if the subscription is known to
   * have no product with this MPN.
   */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @IsString() manufacturer?: string;
  @IsOptional() @Matches(isoPeriod) billingCycle?: string;
  @IsOptional() @IsString() orderId?: string;
  @IsOptional() @Matches(day) chargeStartDate?: string;
  /** The last day charged. */
  @IsOptional() @Matches(day) chargeEndDate?: string;
  @IsString() description!: string;
  /** CMP's value, such as "Recurring" or "Resource Overusage". */
  @IsString() chargeType!: string;
  @IsOptional() @Matches(decimal) unitPrice?: string;
  @Matches(decimal) quantity!: string;
  @IsOptional() @Matches(decimal) tax?: string;
  @IsOptional() @Matches(decimal) discount?: string;
  @Matches(decimal) total!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** For usage, if the report states it. */
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
  /** The total that the report states; absent if it states none. */
  @IsOptional() @Matches(decimal) statedTotal?: string;
  /** The sum of the lines. */
  @Matches(decimal) lineTotal!: string;
  @IsIn(invoiceBalances) balance!: InvoiceBalance;
  /** The reason why it is unbalanced, with both sums. */
  @IsOptional() @IsString() balanceDetail?: string;
  @IsInt() @Min(0) lines!: number;
  @IsInt() @Min(0) unmatchedLines!: number;
  /** Increases with each report that differs, and when more becomes known about the invoice's lines. */
  @IsInt() @Min(1) version!: number;
  @IsISO8601({ strict: true }) createdAt!: string;
  @IsISO8601({ strict: true }) changedAt!: string;
}

/** The fields of every request about invoices. An unbalanced invoice is withheld unless the request includes it. */
export class InvoiceRequest {
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsOptional() @IsBoolean() includeUnbalanced?: boolean;
}

@Event({
  eventType: 'account-sync.invoice-imported.v1',
  producer: 'account-sync',
  aggregate: 'invoice',
  summary:
    'An invoice was imported from a report: for the first time, again because a later report differs, or because more of its lines could be matched.',
})
export class InvoiceImportedV1 {
  @IsUUID() connectorId!: string;
  /** Our id. */
  @IsUUID() invoiceId!: string;
  /** CMP's number. */
  @Length(1, 255) number!: string;
  /** CMP's id of the report it was read from. */
  @Length(1, 255) cmpReportId!: string;
  @IsOptional() @Matches(/^\d{4}-\d{2}-\d{2}$/) invoiceDate?: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** The total that the report states; absent if it states none. */
  @IsOptional() @Matches(decimal) statedTotal?: string;
  @Matches(decimal) lineTotal!: string;
  @IsIn(invoiceBalances) balance!: InvoiceBalance;
  @IsInt() @Min(0) lines!: number;
  @IsInt() @Min(0) unmatchedLines!: number;
  /** Duplicate rows of the report that were stored once. */
  @IsInt() @Min(0) repeatedRows!: number;
  /**
   * The changes: `lines`, `statedTotal`, `invoiceDate`, `currency`, `balance`, or `matches` if more lines were matched to an
   * account or a product. Empty the first time.
   */
  @IsArray() @IsString({ each: true }) changed!: string[];
  /** Lines that were added and removed, compared with before. */
  @IsInt() @Min(0) linesAdded!: number;
  @IsInt() @Min(0) linesRemoved!: number;
  /** Lines that stayed, with another kind of charge. */
  @IsOptional() @IsInt() @Min(0) linesAltered?: number;
  /** When CMP was read. */
  @IsISO8601({ strict: true }) asOf!: string;
}

/** The response to ListInvoices. */
export class ListInvoicesResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => InvoiceV1) invoices!: InvoiceV1[];
  /** Send it back to get the next page; absent on the last one. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@ServiceRequest({
  subject: 'rpc.account-sync.list-invoices',
  service: 'account-sync',
  summary: 'The invoices of a connector, newest first, 500 per page.',
})
export class ListInvoices extends InvoiceRequest {
  static readonly response = ListInvoicesResponse;
  @IsOptional() @Length(1, 1000) cursor?: string;
}

/** The response to ReadInvoice; without `invoice` the connector has none of this id. */
export class ReadInvoiceResponse {
  @IsOptional() @ValidateNested() @Type(() => InvoiceV1) invoice?: InvoiceV1;
}

@ServiceRequest({
  subject: 'rpc.account-sync.read-invoice',
  service: 'account-sync',
  summary:
    'One invoice by our id; an invoice that does not add up is rejected with invoice.unbalanced unless includeUnbalanced is set.',
})
export class ReadInvoice extends InvoiceRequest {
  static readonly response = ReadInvoiceResponse;
  @IsUUID() invoiceId!: string;
}

/** The response to ListInvoiceLines. */
export class ListInvoiceLinesResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => RatedLineV1) lines!: RatedLineV1[];
  /** Send it back to get the next page; absent on the last one. */
  @IsOptional() @Length(1, 1000) nextCursor?: string;
}

@ServiceRequest({
  subject: 'rpc.account-sync.list-invoice-lines',
  service: 'account-sync',
  summary:
    'The lines of one kind on an invoice, or without invoiceId those not on an invoice yet, 150 per page. Fails with invoice.not-found, invoice.unbalanced.',
})
export class ListInvoiceLines extends InvoiceRequest {
  static readonly response = ListInvoiceLinesResponse;
  /** Absent: what is on no invoice yet. */
  @IsOptional() @IsUUID() invoiceId?: string;
  @IsIn(ratedLineKinds) kind!: RatedLineKind;
  @IsOptional() @Length(1, 1000) cursor?: string;
}
