import { type InvoiceBalance, invoiceBalances, type RatedLineKind, ratedLineKinds } from '@isthmus/contracts';
import {
  IfGiven,
  IsDay,
  isoTime,
  isoTimeOrNull,
  MapOf,
  OrNull,
  PageQuery,
  QueryFlag,
} from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import { type InvoiceRow, linePartNumber, type RatedLineRow } from './invoices.store.ts';
import type { RatedReportRow } from './rated-reports.store.ts';
import {
  type DateOrder,
  dateOrders,
  type DecimalSeparator,
  decimalSeparators,
} from './report-file/report-format.ts';

export class InvoiceQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(invoiceBalances) balance?: InvoiceBalance;
}

/** Query for the lines of one invoice. */
export class InvoiceLineQuery extends PageQuery {
  @IfGiven() @IsIn(ratedLineKinds) kind?: RatedLineKind;
  /** `false`: only those that match no known account. */
  @IfGiven() @QueryFlag() matched?: boolean;
}

export class RatedLineQuery extends InvoiceLineQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  /** Only charges that are on no invoice yet. */
  @IfGiven() @QueryFlag() unbilled?: boolean;
}

export class RatedReportQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(['imported', 'failed']) status?: 'imported' | 'failed';
}

export class InvoiceView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** CMP's number. */
  @IsString() number!: string;
  @OrNull() @IsDay() invoiceDate!: string | null;
  @IsString() currency!: string;
  /** The total that the report states; null if it states none. */
  @OrNull() @IsString() statedTotal!: string | null;
  /** The sum of the lines. */
  @IsString() lineTotal!: string;
  /** `unchecked` when the report states no total. */
  @IsIn(invoiceBalances) balance!: InvoiceBalance;
  /** The reason why it is unbalanced, with both sums. */
  @OrNull() @IsString() balanceDetail!: string | null;
  @IsInt() lines!: number;
  /** Number of lines that belong to no known account. */
  @IsInt() unmatchedLines!: number;
  /** Rows of the report that were equal to earlier ones and count once. */
  @IsInt() repeatedRows!: number;
  /** The report it was last read from, and when CMP generated that report. */
  @IsString() cmpReportId!: string;
  @IsString() reportName!: string;
  @IsISO8601() generatedAt!: string;
  @IsISO8601() createdAt!: string;
  @IsISO8601() changedAt!: string;
  @IsInt() version!: number;
}

export const showInvoice = ({ place: _, ...row }: InvoiceRow): InvoiceView => ({
  ...row,
  generatedAt: isoTime(row.generatedAt),
  createdAt: isoTime(row.createdAt),
  changedAt: isoTime(row.changedAt),
});

/** A charge from CMP to the reseller; amounts and quantities are decimal strings. */
export class RatedLineView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** Null for charges that are on no invoice yet. */
  @OrNull() @IsUUID() invoiceId!: string | null;
  /** 1-based row number in the report in which it first appeared. */
  @IsInt() rowNo!: number;
  @IsIn(ratedLineKinds) kind!: RatedLineKind;
  /** The account's name if there is one, otherwise the report's. */
  @IsString() customerName!: string;
  @OrNull() @IsUUID() providerAccountId!: string | null;
  @OrNull() @IsUUID() providerSubscriptionId!: string | null;
  /** CMP's id of the customer's account, where the report has it. */
  @OrNull() @IsString() cmpAccountId!: string | null;
  @OrNull() @IsString() cmpSubscriptionId!: string | null;
  @OrNull() @IsString() subscriptionName!: string | null;
  /** The basis of the match; null while the line is unmatched. */
  @OrNull()
  @IsIn(['subscription', 'account-id', 'customer-name', 'manual'])
  matchedBy!: 'subscription' | 'account-id' | 'customer-name' | 'manual' | null;
  /** `names-nobody`, `customer-ambiguous`, `account-unknown`, `customer-unknown`, `subscription-and-customer-unknown`. */
  @OrNull() @IsString() unmatchedReason!: string | null;
  /** Time at which a user decided that it needs no account. */
  @OrNull() @IsISO8601() excludedAt!: string | null;
  /** Who matched or excluded it, and why; null while no user has. */
  @OrNull() @IsString() decidedBy!: string | null;
  @OrNull() @IsString() decisionReason!: string | null;
  /** `INGRAM:vendor:mpn`; null when the vendor is not known. */
  @OrNull() @IsString() partNumber!: string | null;
  @OrNull() @IsString() mpn!: string | null;
  @OrNull() @IsString() vendor!: string | null;
  /** The subscription's product, unless it is known to have no product with this MPN. */
  @OrNull() @IsString() cmpProductId!: string | null;
  @OrNull() @IsString() term!: string | null;
  @IsString() description!: string;
  /** The charge type as reported by CMP. */
  @IsString() chargeType!: string;
  @OrNull() @IsString() orderId!: string | null;
  @OrNull() @IsDay() chargeStart!: string | null;
  @OrNull() @IsDay() chargeEnd!: string | null;
  @OrNull() @IsString() billingCycle!: string | null;
  @OrNull() @IsString() unitPrice!: string | null;
  @IsString() quantity!: string;
  @OrNull() @IsString() tax!: string | null;
  @OrNull() @IsString() discount!: string | null;
  @IsString() total!: string;
  @IsString() currency!: string;
  @OrNull() @IsString() service!: string | null;
  @OrNull() @IsString() resource!: string | null;
  @OrNull() @IsString() unit!: string | null;
  @OrNull() @IsString() region!: string | null;
  /** Unknown columns, as they are in the report. */
  @OrNull() @MapOf('string') other!: Record<string, string> | null;
}

export const showRatedLine = ({ documentId: _, ...row }: RatedLineRow): RatedLineView => ({
  ...row,
  partNumber: linePartNumber(row.vendor, row.mpn) ?? null,
  excludedAt: isoTimeOrNull(row.excludedAt),
});

class ReportFailureView {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
}

/** A downloaded report of CMP, and its outcome. */
export class RatedReportView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() cmpReportId!: string;
  @IsString() name!: string;
  /** CMP's value: periodic, daily, monthly, onetime, on_invoice. */
  @OrNull() @IsString() type!: string | null;
  @OrNull() @IsString() format!: string | null;
  /** Time at which CMP generated it, and the period it covers. */
  @IsISO8601() generatedAt!: string;
  @OrNull() @IsISO8601() periodFrom!: string | null;
  @OrNull() @IsISO8601() periodUntil!: string | null;
  @IsIn(['imported', 'failed']) status!: 'imported' | 'failed';
  /** Number of downloads; after five only a run of the depth `full` or a re-import retries it. */
  @IsInt() attempts!: number;
  /** Number of rows without those that state a total. */
  @IsInt() rows!: number;
  /** The failure of the last import attempt. An imported report keeps its contents even if a later attempt fails. */
  @OrNull() @ValidateNested() @Type(() => ReportFailureView) failure!: ReportFailureView | null;
  /** Unknown charge types: their lines count as one-offs until RATED_LINE_KINDS defines them. */
  @IsArray() @IsString({ each: true }) unknownChargeTypes!: string[];
  @IsISO8601() readAt!: string;
}

export const showRatedReport = (row: RatedReportRow): RatedReportView => ({
  ...row,
  generatedAt: isoTime(row.generatedAt),
  periodFrom: isoTimeOrNull(row.periodFrom),
  periodUntil: isoTimeOrNull(row.periodUntil),
  readAt: isoTime(row.readAt),
});

/** The complete setting: a value that is left out or null is derived from each file. */
export class PutReportFormat {
  /** The decimal separator. */
  @IsOptional()
  @IsIn(decimalSeparators, { message: 'decimalSeparator must be "." or ","' })
  decimalSeparator?: DecimalSeparator | null;
  /** Applies to dates with the year at the end, such as 3/4/2026. */
  @IsOptional() @IsIn(dateOrders) dateOrder?: DateOrder | null;
}

/** The number and date formats of a connector's reports; null where they are derived for each file. */
export class ReportFormatView {
  @IsUUID() connectorId!: string;
  @OrNull() @IsIn(decimalSeparators) decimalSeparator!: DecimalSeparator | null;
  @OrNull() @IsIn(dateOrders) dateOrder!: DateOrder | null;
}

export const lineDecisions = ['match', 'exclude', 'automatic'] as const;
export type LineDecision = (typeof lineDecisions)[number];

/** What a user decides about a rated line. */
export class DecideRatedLine {
  /**
   * `match`: it belongs to the account or subscription named here, whatever the report says. `exclude`: it needs no account.
   * `automatic`: the rules decide again.
   */
  @IsIn(lineDecisions) decision!: LineDecision;
  /** For a match: one of the two. */
  @IfGiven() @IsUUID() providerAccountId?: string;
  @IfGiven() @IsUUID() providerSubscriptionId?: string;
  @IsString() @Length(1, 500) reason!: string;
}
