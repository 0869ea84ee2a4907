import type { InvoiceV1, RatedLineV1 } from '@isthmus/contracts';
import type { Lines } from '../commands/read-invoices.ts';
import { cycleOf } from '../domain/billing-cycle.ts';
import type { ConsumptionLine, Invoice, LicenseSummary, NonRecurringItemSummary } from './invoice.dto.ts';
import type { Model, ModelRef } from './model.dto.ts';

/** The contract has JSON numbers for amounts; up to here they are decimal texts. */
const number = (text: string | undefined): number => Number(text ?? 0);
/** Where the report states none: what a unit comes to. */
const unitPriceOf = ({ unitPrice, total, quantity }: RatedLineV1): number =>
  unitPrice === undefined && Number(quantity) !== 0
    ? Math.round((Number(total) / Number(quantity)) * 10_000) / 10_000
    : number(unitPrice ?? total);
const day = (text: string | undefined): string | null => (text === undefined ? null : `${text}T00:00:00Z`);
const ref = (id: string | undefined, name: string | undefined): ModelRef | null =>
  id === undefined && !name ? null : { id: id ?? null, name: name ?? null };

export const showInvoice = (invoice: InvoiceV1): Invoice => ({
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

export const showLicence = (
  line: RatedLineV1,
  idOf: SubscriptionIdOf,
  invoiceNumber: string | null,
): LicenseSummary => ({
  ...model(line),
  partNumber: line.partNumber ?? null,
  customer: customer(line),
  subscription: subscription(line, idOf),
  invoice: ref(line.invoiceId, invoiceNumber ?? undefined),
  billingCycleType: cycleOf(line.billingCycle),
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

export const showOneOff = (
  line: RatedLineV1,
  idOf: SubscriptionIdOf,
  invoiceNumber: string | null,
): NonRecurringItemSummary => ({ ...showLicence(line, idOf, invoiceNumber), nonRecurringItem: null });

export const showUsage = (
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
