import type { RatedLineKind } from '@isthmus/contracts';
import { printable, ReportNotUsable } from './report.errors.ts';

/**
 * The meaning of CMP's charge types, without case and separators. "Recurring" and "Resource Overusage" were observed in real
 * files, others are the API's own (details of an order); the rest are expected. The setting RATED_LINE_KINDS adds to this
 * table.
 */
const usualLineKinds: Readonly<Record<string, RatedLineKind>> = {
  ...kinds('licence', [
    'recurring',
    'recurringfee',
    'recurringcharge',
    'renew',
    'renewal',
    'subscription',
    'switch',
    'switchplan',
    'upgrade',
    'downgrade',
    'transfer',
    'cancel',
    'cancellation',
    'refund',
    'refundadjustment',
  ]),
  ...kinds('usage', ['resourceoverusage', 'overusage', 'overuse', 'usage', 'consumption']),
  ...kinds('one-off', [
    'setup',
    'setupfee',
    'onetime',
    'discount',
    'adjustment',
    'handlingfee',
    'nonprovisioningitem',
    'payment',
    'billpenalty',
    'billrecord',
    'resellerpayment',
    'deposit',
  ]),
};

/**
 * The kind of a charge; an unknown type is a one-off, the only kind that is not expected again next month. A refund has the
 * kind of what it refunds.
 * @param more further types, as `normalizeWord` returns them
 */
export const lineKind = (
  chargeType: string,
  more: Readonly<Record<string, RatedLineKind>> = {},
): { kind: RatedLineKind; known: boolean } => {
  const word = normalizeWord(chargeType);
  const refunded = word.replace(/(?:refund|credit)$/, '');
  const found = (table: Readonly<Record<string, RatedLineKind>>, key: string) =>
    Object.hasOwn(table, key) ? table[key] : undefined;
  const known = (key: string) => found(more, key) ?? found(usualLineKinds, key);
  const kind = known(word) ?? known(refunded);
  return { kind: kind ?? 'one-off', known: kind !== undefined };
};

/**
 * A charge type, or a column's name, in the form in which it is compared: `recurringRefund`, `RECURRING_REFUND` and
 * `Recurring refund` are the same.
 */
export const normalizeWord = (word: string): string => word.toLowerCase().replace(/[^\p{L}\p{N}]+/gu, '');

function kinds(kind: RatedLineKind, words: readonly string[]): Record<string, RatedLineKind> {
  return Object.fromEntries(words.map((word) => [word, kind]));
}

/** The fields that a line may have, still as strings. */
export const ratedFields = [
  'customerAccountId',
  'customerName',
  'subscriptionId',
  'mpn',
  'vendor',
  'description',
  'chargeType',
  'orderId',
  'chargeStart',
  'chargeEnd',
  'unitPrice',
  'quantity',
  'tax',
  'discount',
  'total',
  'currency',
  'invoiceNumber',
  'invoiceDate',
  'invoiceTotal',
  'service',
  'resource',
  'unit',
  'region',
] as const;
export type RatedField = (typeof ratedFields)[number];

/** Fields that are numbers. */
export const amountFields = ['unitPrice', 'quantity', 'tax', 'discount', 'total', 'invoiceTotal'] as const;
export type AmountField = (typeof amountFields)[number];

/**
 * The names of CMP's columns, the preferred one first. Those of the full view begin with CUSTOMER_, SUBSCRIPTION_ and
 * RESELLER_ (the reseller's own side, which is what CMP charges); the short view has plain names ("End Customer Name").
 * `seen` marks names observed in a US reseller's workbooks, `documented` those in Ingram's public articles on the Rated Data
 * Export; the others are expected by analogy, and do no harm if they never occur.
 */
export const columnNames: Record<RatedField, readonly string[]> = {
  customerAccountId: /* documented */ [
    'CUSTOMER_ACCOUNT_ID',
    'END_CUSTOMER_ACCOUNT_ID',
    'SUBSCRIPTION_ACCOUNT_ID',
  ],
  customerName: /* seen, documented */ [
    'CUSTOMER_NAME',
    'END_CUSTOMER_NAME',
    'SUBSCRIPTION_ACCOUNT_NAME',
    'CUSTOMER',
  ],
  subscriptionId: /* seen, documented */ ['SUBSCRIPTION_ID'],
  mpn: /* seen */ [
    'RESELLER_RESOURCE_MPN',
    'CUSTOMER_RESOURCE_MPN',
    'RESOURCE_MPN',
    'MPN',
    'MANUFACTURER_PART_NUMBER',
  ],
  vendor: ['RESELLER_RESOURCE_VENDOR', 'VENDOR_ID', 'VENDOR', 'VENDOR_NAME', 'MANUFACTURER'],
  description: /* seen */ [
    'CUSTOMER_DETAIL_DESCRIPTION',
    'RESELLER_DETAIL_DESCRIPTION',
    'CHARGE_DESCRIPTION',
    'DETAIL_DESCRIPTION',
    'DESCRIPTION',
  ],
  chargeType: /* seen */ ['RESELLER_DETAIL_TYPE', 'CUSTOMER_DETAIL_TYPE', 'DETAIL_TYPE', 'CHARGE_TYPE'],
  orderId: [
    'RESELLER_ORDER_NUMBER',
    'RESELLER_ORDER_ID',
    'CUSTOMER_ORDER_NUMBER',
    'ORDER_NUMBER',
    'ORDER_ID',
  ],
  chargeStart: /* seen */ [
    'RESELLER_ACTUAL_DETAIL_START_DATE',
    'RESELLER_DETAIL_START_DATE',
    'DETAIL_START_DATE',
    'CHARGE_START_DATE',
    'BILLING_PERIOD_START',
  ],
  chargeEnd: /* seen */ [
    'RESELLER_ACTUAL_DETAIL_END_DATE',
    'RESELLER_DETAIL_END_DATE',
    'DETAIL_END_DATE',
    'CHARGE_END_DATE',
    'BILLING_PERIOD_END',
  ],
  unitPrice: /* seen */ ['RESELLER_DETAIL_UNIT_PRICE', 'UNIT_PRICE', 'UNIT_COST'],
  quantity: /* seen */ ['RESELLER_DETAIL_QTY', 'RESELLER_DETAIL_QUANTITY', 'QUANTITY', 'QTY'],
  tax: ['RESELLER_DETAIL_TAX', 'RESELLER_DETAIL_TAX_AMOUNT', 'TAX_AMOUNT', 'TAX'],
  discount: ['RESELLER_DETAIL_DISCOUNT', 'RESELLER_DETAIL_DISCOUNT_AMOUNT', 'DISCOUNT_AMOUNT', 'DISCOUNT'],
  total: /* seen */ [
    'RESELLER_DETAIL_TOTAL',
    'RESELLER_DETAIL_NET_TOTAL',
    'RESELLER_TOTAL',
    'TOTAL_COST',
    'EXTENDED_COST',
    'TOTAL',
  ],
  currency: /* documented */ [
    'RESELLER_ACCOUNT_CURRENCY',
    'RESELLER_CURRENCY',
    'RESELLER_DETAIL_CURRENCY',
    'CURRENCY',
    'CURRENCY_CODE',
  ],
  invoiceNumber: /* seen */ ['RESELLER_INVOICE_NUMBER', 'INVOICE_NUMBER'],
  invoiceDate: /* seen */ ['RESELLER_INVOICE_DATE', 'INVOICE_DATE'],
  invoiceTotal: ['RESELLER_INVOICE_TOTAL', 'INVOICE_TOTAL'],
  service: ['SERVICE_NAME', 'SERVICE'],
  resource: ['RESELLER_RESOURCE_NAME', 'CUSTOMER_RESOURCE_NAME', 'RESOURCE_NAME'],
  unit: ['RESELLER_RESOURCE_UNIT', 'UNIT_OF_MEASURE', 'UNIT'],
  region: ['REGION'],
};

interface ColumnPlace {
  field: RatedField;
  /** The lower, the better the column. */
  rank: number;
}

/** The number of cached names; a JSON file may have a new one in every row. */
const maxNames = 10_000;

/** Finds a column's field, ignoring case and separators; undefined for an unknown column. */
export class ColumnMap {
  readonly #places = new Map<string, ColumnPlace>();
  readonly #found = new Map<string, ColumnPlace | undefined>();

  /** @param more further names, from the settings; they come after the table's own */
  constructor(more: Readonly<Record<string, RatedField>> = {}) {
    for (const field of ratedFields)
      columnNames[field].forEach((name, rank) => this.#places.set(normalizeWord(name), { field, rank }));
    for (const [name, field] of Object.entries(more))
      this.#places.set(normalizeWord(name), { field, rank: 99 });
  }

  find(column: string): ColumnPlace | undefined {
    if (this.#found.size > maxNames) this.#found.clear();
    if (!this.#found.has(column)) this.#found.set(column, this.#places.get(normalizeWord(column)));
    return this.#found.get(column);
  }
}

/** Returns whether these are the columns of rated data: a charge and its customer. */
export function areRatedColumns(names: readonly string[], columns: ColumnMap): boolean {
  const fields = new Set(names.map((name) => columns.find(name)?.field));
  return (
    fields.has('total') &&
    (fields.has('subscriptionId') || fields.has('customerName') || fields.has('customerAccountId'))
  );
}

/** @throws ReportNotUsable (report.columns-ambiguous) when two columns mean the same and neither is preferred */
export function refuseAmbiguousColumns(names: readonly string[], columns: ColumnMap): void {
  const taken = new Map<string, string>();
  for (const name of names) {
    const place = columns.find(name);
    if (!place) continue;
    const key = `${place.field} ${place.rank}`;
    const twin = taken.get(key);
    if (twin !== undefined)
      throw new ReportNotUsable(
        'report.columns-ambiguous',
        `Two columns of the file have the same meaning: ${printable(twin, 60)} and ${printable(name, 60)}.`,
        'Order the report without one of them.',
      );
    taken.set(key, name);
  }
}

/**
 * Unknown columns may share a name: each keeps a separate cell, because otherwise rows that differ only there would count as
 * equal.
 */
export function distinctNames(names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let place = 2; taken.has(own); place += 1) own = `${name} #${place}`;
    taken.add(own);
    return own;
  });
}

/** @param separators what was tried between the cells of a CSV */
export const missingColumns = (names: readonly string[], separators?: string): ReportNotUsable =>
  new ReportNotUsable(
    'report.columns-missing',
    `The file has no column for the total, or none for the customer or the subscription. It has: ${printable(names.slice(0, 40).join(', '), 600) || 'none'}.`,
    `${separators ? `Its cells have to be separated by ${separators}. ` : ''}If it is rated data, name its columns in RATED_COLUMNS; otherwise it is correctly skipped.`,
  );
