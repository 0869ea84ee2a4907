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

/** Of one invoice. */
export class InvoiceLineQuery extends PageQuery {
  @IfGiven() @IsIn(ratedLineKinds) kind?: RatedLineKind;
  /** `false`: only those that match no known account. */
  @IfGiven() @QueryFlag() matched?: boolean;
}

export class RatedLineQuery extends InvoiceLineQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  /** Only what is on no invoice yet. */
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
  /** Why it is unbalanced, with both sums. */
  @OrNull() @IsString() balanceDetail!: string | null;
  @IsInt() lines!: number;
  /** Lines that are no known account's. */
  @IsInt() unmatchedLines!: number;
  /** Rows of the report that were equal to earlier ones and count once. */
  @IsInt() repeatedRows!: number;
  /** The report it was last read from, and when CMP made that. */
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

/** A charge of CMP to the reseller; amounts and quantities are decimals as texts. */
export class RatedLineView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** Null for what is on no invoice yet. */
  @OrNull() @IsUUID() invoiceId!: string | null;
  /** Its row in the report that first had it, from 1. */
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
  /** What it was matched by; null while it is unmatched. */
  @OrNull()
  @IsIn(['subscription', 'account-id', 'customer-name'])
  matchedBy!: 'subscription' | 'account-id' | 'customer-name' | null;
  /** `names-nobody`, `customer-ambiguous`, `account-unknown`, `customer-unknown`, `subscription-and-customer-unknown`. */
  @OrNull() @IsString() unmatchedReason!: string | null;
  /** `INGRAM:vendor:mpn`; null when the vendor is not known. */
  @OrNull() @IsString() partNumber!: string | null;
  @OrNull() @IsString() mpn!: string | null;
  @OrNull() @IsString() vendor!: string | null;
  /** Of the subscription, unless it is known to have no product with this MPN. */
  @OrNull() @IsString() cmpProductId!: string | null;
  @OrNull() @IsString() term!: string | null;
  @IsString() description!: string;
  /** CMP's word. */
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
  /** When CMP made it, and the time it is about. */
  @IsISO8601() generatedAt!: string;
  @OrNull() @IsISO8601() periodFrom!: string | null;
  @OrNull() @IsISO8601() periodUntil!: string | null;
  @IsIn(['imported', 'failed']) status!: 'imported' | 'failed';
  /** How often it was fetched; after five only a run of the depth `full` or a re-import tries again. */
  @IsInt() attempts!: number;
  /** Without rows that state a total. */
  @IsInt() rows!: number;
  /** Of the last import attempt. An imported report keeps its contents even if a later attempt fails. */
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

/** How a connector's reports write numbers and days; null where each file decides. */
export class ReportFormatView {
  @IsUUID() connectorId!: string;
  @OrNull() @IsIn(decimalSeparators) decimalSeparator!: DecimalSeparator | null;
  @OrNull() @IsIn(dateOrders) dateOrder!: DateOrder | null;
}
