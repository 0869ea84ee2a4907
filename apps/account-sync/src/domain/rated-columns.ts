import { squeezeWord } from './line-kinds.ts';

/** What a line may say, as text still. */
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
 * The names of CMP's columns, the preferred one first. Those of the full view begin with CUSTOMER_, SUBSCRIPTION_ and RESELLER_ (the
 * reseller's own side, which is what CMP charges); the short view has plain names ("End Customer Name"). Marked `seen` are names read in
 * a US reseller's workbooks, `documented` those of Ingram's public articles on the Rated Data Export; the others are expected by
 * analogy, and cost nothing where they do not come.
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

export interface ColumnPlace {
  field: RatedField;
  /** The lower, the better the column says it. */
  rank: number;
}

/** So many names are remembered; a file may have a new one in every row. */
const mostNames = 10_000;

/** Finds a column's field whatever its case and with or without separators; undefined for a column nobody knows. */
export class ColumnMap {
  readonly #places = new Map<string, ColumnPlace>();
  readonly #found = new Map<string, ColumnPlace | undefined>();

  /** @param more further names, from the settings; they come after the table's own */
  constructor(more: Readonly<Record<string, RatedField>> = {}) {
    for (const field of ratedFields)
      columnNames[field].forEach((name, rank) => this.#places.set(squeezeWord(name), { field, rank }));
    for (const [name, field] of Object.entries(more))
      this.#places.set(squeezeWord(name), { field, rank: 99 });
  }

  find(column: string): ColumnPlace | undefined {
    if (this.#found.size > mostNames) this.#found.clear();
    if (!this.#found.has(column)) this.#found.set(column, this.#places.get(squeezeWord(column)));
    return this.#found.get(column);
  }
}
