import { OrNull } from '@isthmus/service-kit';
import type { InvoiceV1, RatedLineV1 } from '@isthmus/contracts';
import { Type } from 'class-transformer';
import { IsIn, IsISO8601, IsNumber, IsString, ValidateNested } from 'class-validator';
import { BillingCycleType, toBillingCycle } from '../work365/enums.ts';
import { Model, ModelRef } from '../work365/model.dto.ts';
import type { Lines } from './invoices.service.ts';

export class Invoice extends Model {
  @OrNull() @IsISO8601() invoiceDate!: string | null;
  /** Always 0; CMP does not report payments. */
  @IsNumber() paidAmount!: number;
  @IsNumber() totalCharges!: number;
  @OrNull() @IsString() currency!: string | null;
}

export class LicenseSummary extends Model {
  @OrNull() @IsString() partNumber!: string | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) subscription!: ModelRef | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) invoice!: ModelRef | null;
  @IsIn(Object.values(BillingCycleType)) billingCycleType!: number;
  @OrNull() @IsString() orderId!: string | null;
  @OrNull() @IsISO8601() chargeStartDate!: string | null;
  @OrNull() @IsISO8601() chargeEndDate!: string | null;
  @OrNull() @IsString() chargeDescription!: string | null;
  @IsNumber() unitPrice!: number;
  @IsNumber() quantity!: number;
  @IsNumber() tax!: number;
  @IsNumber() discount!: number;
  @IsNumber() total!: number;
  @OrNull() @IsString() currency!: string | null;
  @OrNull() @IsString() manufacturer!: string | null;
}

export class NonRecurringItemSummary extends LicenseSummary {
  @OrNull() @ValidateNested() @Type(() => ModelRef) nonRecurringItem!: ModelRef | null;
}

export class ConsumptionLine extends Model {
  @OrNull() @IsISO8601() cycleStartDate!: string | null;
  @OrNull() @IsISO8601() cycleEndDate!: string | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) subscription!: ModelRef | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) invoice!: ModelRef | null;
  @OrNull() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @OrNull() @IsString() currency!: string | null;
  @OrNull() @IsString() service!: string | null;
  @OrNull() @IsString() resource!: string | null;
  @OrNull() @IsString() chargeType!: string | null;
  @OrNull() @IsString() unit!: string | null;
  @OrNull() @IsString() region!: string | null;
  @IsNumber() tax!: number;
  @IsNumber() total!: number;
  @IsNumber() unitPrice!: number;
  @IsNumber() quantity!: number;
}

/** Amounts are decimal strings internally; the Work 365 contract requires JSON numbers. */
const number = (text: string | undefined): number => Number(text ?? 0);
/** Falls back to total / quantity if the report contains no unit price. */
const unitPriceOf = ({ unitPrice, total, quantity }: RatedLineV1): number =>
  unitPrice === undefined && Number(quantity) !== 0
    ? Math.round((Number(total) / Number(quantity)) * 10_000) / 10_000
    : number(unitPrice ?? total);
const day = (text: string | undefined): string | null => (text === undefined ? null : `${text}T00:00:00Z`);
const ref = (id: string | undefined, name: string | undefined): ModelRef | null =>
  id === undefined && !name ? null : { id: id ?? null, name: name ?? null };

export const toInvoice = (invoice: InvoiceV1): Invoice => ({
  id: invoice.invoiceId,
  name: invoice.number,
  createdOn: invoice.createdAt,
  modifiedOn: invoice.changedAt,
  invoiceDate: day(invoice.invoiceDate),
  paidAmount: 0,
  totalCharges: Number(invoice.statedTotal ?? invoice.lineTotal),
  currency: invoice.currency,
});

type SubscriptionIdOf = Lines['subscriptionIdOf'];

const model = (line: RatedLineV1): Model => ({
  id: line.lineId,
  name: line.description,
  createdOn: null,
  modifiedOn: null,
});

const customer = (line: RatedLineV1) => ref(line.providerAccountId, line.customerName);

const subscription = (line: RatedLineV1, idOf: SubscriptionIdOf) => ref(idOf(line), line.subscriptionName);

export const toLicenseSummary = (
  line: RatedLineV1,
  idOf: SubscriptionIdOf,
  invoiceNumber: string | null,
): LicenseSummary => ({
  ...model(line),
  partNumber: line.partNumber ?? null,
  customer: customer(line),
  subscription: subscription(line, idOf),
  invoice: ref(line.invoiceId, invoiceNumber ?? undefined),
  billingCycleType: toBillingCycle(line.billingCycle),
  orderId: line.orderId ?? null,
  chargeStartDate: day(line.chargeStartDate),
  chargeEndDate: day(line.chargeEndDate),
  chargeDescription: line.description,
  unitPrice: unitPriceOf(line),
  quantity: number(line.quantity),
  tax: number(line.tax),
  discount: number(line.discount),
  total: number(line.total),
  currency: line.currency,
  manufacturer: line.manufacturer ?? null,
});

export const toNonRecurringItemSummary = (
  line: RatedLineV1,
  idOf: SubscriptionIdOf,
  invoiceNumber: string | null,
): NonRecurringItemSummary => ({ ...toLicenseSummary(line, idOf, invoiceNumber), nonRecurringItem: null });

export const toConsumptionLine = (
  line: RatedLineV1,
  idOf: SubscriptionIdOf,
  invoiceNumber: string | null,
): ConsumptionLine => ({
  ...model(line),
  cycleStartDate: day(line.chargeStartDate),
  cycleEndDate: day(line.chargeEndDate),
  subscription: subscription(line, idOf),
  invoice: ref(line.invoiceId, invoiceNumber ?? undefined),
  customer: customer(line),
  currency: line.currency,
  service: line.service ?? null,
  resource: line.resource ?? null,
  chargeType: line.chargeType,
  unit: line.unit ?? null,
  region: line.region ?? null,
  tax: number(line.tax),
  total: number(line.total),
  unitPrice: unitPriceOf(line),
  quantity: number(line.quantity),
});
