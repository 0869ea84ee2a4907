import type { InvoiceV1, RatedLineV1 } from '@isthmus/contracts';
import { cycleOf } from '../domain/billing-cycle.ts';
import type { ConsumptionLine, Invoice, LicenseSummary, NonRecurringItemSummary } from './invoice.dto.ts';
import type { Model, ModelRef } from './model.dto.ts';

/** The contract has JSON numbers for amounts; up to here they are decimal texts. */
const number = (text: string | undefined): number | null => (text === undefined ? null : Number(text));
const day = (text: string | undefined): string | null => (text === undefined ? null : `${text}T00:00:00Z`);
const ref = (id: string | undefined, name: string | undefined): ModelRef | null =>
  id === undefined && !name ? null : { id: id ?? null, name: name ?? null };

export const showInvoice = (invoice: InvoiceV1): Invoice => ({
  id: invoice.invoiceId,
  name: invoice.number,
  createdOn: invoice.createdAt,
  modifiedOn: invoice.changedAt,
  invoiceDate: day(invoice.invoiceDate),
  paidAmount: null,
  totalCharges: Number(invoice.statedTotal ?? invoice.lineTotal),
  currency: invoice.currency,
});

/** Ids of subscriptions as our clients know them, by subscription-lifecycle's. */
export type ClientIds = ReadonlyMap<string, string>;

const model = (line: RatedLineV1): Model => ({
  id: line.lineId,
  name: line.description,
  createdOn: null,
  modifiedOn: null,
});

const customer = (line: RatedLineV1) => ref(line.providerAccountId, line.customerName);

function subscription({ providerSubscriptionId: id, subscriptionName }: RatedLineV1, ids: ClientIds) {
  return ref(id && (ids.get(id) ?? id), subscriptionName);
}

export const showLicence = (
  line: RatedLineV1,
  ids: ClientIds,
  invoiceNumber: string | null,
): LicenseSummary => ({
  ...model(line),
  partNumber: line.partNumber ?? null,
  customer: customer(line),
  subscription: subscription(line, ids),
  invoice: ref(line.invoiceId, invoiceNumber ?? undefined),
  billingCycleType: cycleOf(line.billingCycle),
  orderId: line.orderId ?? null,
  chargeStartDate: day(line.chargeStartDate),
  chargeEndDate: day(line.chargeEndDate),
  chargeDescription: line.description,
  unitPrice: number(line.unitPrice),
  quantity: number(line.quantity),
  tax: number(line.tax),
  discount: number(line.discount),
  total: number(line.total),
  currency: line.currency,
  manufacturer: line.manufacturer ?? null,
});

export const showOneOff = (
  line: RatedLineV1,
  ids: ClientIds,
  invoiceNumber: string | null,
): NonRecurringItemSummary => ({ ...showLicence(line, ids, invoiceNumber), nonRecurringItem: null });

export const showUsage = (
  line: RatedLineV1,
  ids: ClientIds,
  invoiceNumber: string | null,
): ConsumptionLine => ({
  ...model(line),
  cycleStartDate: day(line.chargeStartDate),
  cycleEndDate: day(line.chargeEndDate),
  subscription: subscription(line, ids),
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
  unitPrice: number(line.unitPrice),
  quantity: number(line.quantity),
});
