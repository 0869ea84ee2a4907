import { isoDay } from '../wire/simple-api.ts';
import type { World } from '../world/world.ts';
import { configuredNames } from './report-shelf.ts';
import type { ReportState } from './report.ts';

/** A line of an invoice workbook; the column names are those observed in a US reseller's reports. The full export has more. */
type InvoiceRow = Record<(typeof invoiceColumns)[number] | (typeof fullColumns)[number], string>;

export const invoiceColumns = [
  'CUSTOMER_NAME',
  'SUBSCRIPTION_ID',
  'RESELLER_RESOURCE_MPN',
  'CUSTOMER_RESOURCE_MPN',
  'CUSTOMER_DETAIL_DESCRIPTION',
  'RESELLER_DETAIL_TYPE',
  'RESELLER_DETAIL_QTY',
  'RESELLER_DETAIL_UNIT_PRICE',
  'RESELLER_DETAIL_TOTAL',
  'RESELLER_INVOICE_NUMBER',
  'RESELLER_INVOICE_DATE',
  'RESELLER_ACTUAL_DETAIL_START_DATE',
  'RESELLER_ACTUAL_DETAIL_END_DATE',
] as const;

/** The additional columns in Ingram's list of the full export. */
export const fullColumns = [
  'RESELLER_ACCOUNT_ID',
  'RESELLER_ACCOUNT_CURRENCY',
  'CUSTOMER_ACCOUNT_ID',
  'SUBSCRIPTION_NAME',
] as const;

/** The charged amounts, in millionths of the currency. */
interface Charge {
  customer: string;
  customerId: string;
  subscriptionName: string;
  subscriptionId: string;
  mpn: string;
  name: string;
  type: 'Recurring' | 'Resource Overusage' | 'Setup' | 'recurringRefund';
  quantity: number;
  unitMicros: bigint;
}

interface ReportedRow {
  row: InvoiceRow;
  /** 0 for a row that is only a repetition. */
  micros: bigint;
}

const page = 500;

/**
 * The content of a report, row by row: one recurring charge per product of a live subscription, a set-up charge for what was
 * bought in the period, overusage for every seventh. The usage report contains the overusage alone, before it is on an
 * invoice.
 */
export function* invoiceRows(world: World, report: ReportState): Generator<ReportedRow> {
  const { repeatEvery, twins, moreDecimals, empty, unknownCustomers, currency } = world.reportOddities;
  const reseller = { id: world.ground.resellerId, currency: currency || world.ground.currency };
  if (empty) return;
  const usageOnly = report.name === configuredNames[1];
  let count = 0;
  for (const charge of charges(world, report, unknownCustomers)) {
    if (usageOnly && charge.type !== 'Resource Overusage') continue;
    const unitMicros = charge.unitMicros + (moreDecimals ? 1234n : 0n);
    const micros = unitMicros * BigInt(charge.quantity);
    const digits = moreDecimals ? 6 : 2;
    const row = toRow({ ...charge, unitMicros }, report, usageOnly, reseller, (amount) =>
      printMicros(amount, digits),
    );
    yield { row, micros };
    count += 1;
    if (count <= twins) yield { row, micros };
    else if (repeatEvery && count % repeatEvery === 0) yield { row, micros: 0n };
  }
}

function* charges(world: World, report: ReportState, unknownCustomers: number): Generator<Charge> {
  let nth = 0;
  let refunds = world.reportOddities.refunds;
  for (let offset = 0; ; offset += page) {
    const { rows, total } = world.subscriptions.list(
      { offset, limit: page },
      { status: 'active', createdTo: report.until },
    );
    for (const subscription of rows) {
      const customer = world.customers.indexOf(subscription.customerId);
      const whose = {
        customer: customer === undefined ? '' : world.customers.at(customer).name,
        customerId: subscription.customerId,
        subscriptionId: subscription.id,
        subscriptionName: subscription.name,
      };
      for (const { item, quantity } of subscription.products) {
        const { mpn, name } = item;
        const unitMicros = BigInt(item.costCents) * 10_000n;
        const charge = { ...whose, mpn, name, quantity, unitMicros };
        yield { ...charge, type: 'Recurring' };
        if (refunds-- > 0) yield { ...charge, type: 'recurringRefund', quantity: -1 };
        if (subscription.createdAt >= report.from)
          yield { ...charge, type: 'Setup', quantity: 1, unitMicros: 5_000_000n };
        if (nth++ % 7 === 0)
          yield { ...charge, type: 'Resource Overusage', quantity: (nth % 23) + 1, unitMicros: 120_000n };
      }
    }
    if (offset + page >= total) break;
  }
  for (let n = 1; n <= unknownCustomers; n++)
    yield {
      customer: `Unlisted Customer ${n}`,
      customerId: String(998_000_000 + n),
      subscriptionName: 'Unlisted',
      subscriptionId: String(999_000_000 + n),
      mpn: 'NOT-LISTED',
      name: 'Service of an unlisted customer',
      type: 'Recurring',
      quantity: n,
      unitMicros: 10_000_000n,
    };
}

function toRow(
  { customer, customerId, subscriptionId, subscriptionName, mpn, name, type, quantity, unitMicros }: Charge,
  { from, until }: ReportState,
  usageOnly: boolean,
  reseller: { id: string; currency: string },
  print: (micros: bigint) => string,
): InvoiceRow {
  return {
    CUSTOMER_NAME: customer,
    SUBSCRIPTION_ID: subscriptionId,
    RESELLER_RESOURCE_MPN: mpn,
    CUSTOMER_RESOURCE_MPN: mpn,
    CUSTOMER_DETAIL_DESCRIPTION: `${name} ${type} from ${isoDay(from)} through ${isoDay(until)}`,
    RESELLER_DETAIL_TYPE: type,
    RESELLER_DETAIL_QTY: String(quantity),
    RESELLER_DETAIL_UNIT_PRICE: print(unitMicros),
    RESELLER_DETAIL_TOTAL: print(unitMicros * BigInt(quantity)),
    RESELLER_INVOICE_NUMBER: usageOnly ? '' : `INV${isoDay(from).replaceAll('-', '')}`,
    RESELLER_INVOICE_DATE: usageOnly ? '' : isoDay(until),
    RESELLER_ACTUAL_DETAIL_START_DATE: isoDay(from),
    RESELLER_ACTUAL_DETAIL_END_DATE: isoDay(until),
    RESELLER_ACCOUNT_ID: reseller.id,
    RESELLER_ACCOUNT_CURRENCY: reseller.currency,
    CUSTOMER_ACCOUNT_ID: customerId,
    SUBSCRIPTION_NAME: subscriptionName,
  };
}

/** Millionths as a decimal: 1234500000 and 2 digits are `1234.50`. Digits beyond are cut off. */
export function printMicros(micros: bigint, digits: 2 | 6): string {
  const sign = micros < 0n ? '-' : '';
  const text = (micros < 0n ? -micros : micros).toString().padStart(7, '0');
  return `${sign}${text.slice(0, -6)}.${text.slice(-6).slice(0, digits)}`;
}

/** `1234.50` as `1,234.50`. */
export const withSeparators = (amount: string): string => {
  const [whole = '', fraction = ''] = amount.split('.');
  return `${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${fraction}`;
};
