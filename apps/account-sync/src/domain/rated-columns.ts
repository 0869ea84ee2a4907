/** What a line may say, as text still. */
export const ratedFields = [
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

/**
 * The names of CMP's columns, the preferred one first. Those that begin with CUSTOMER_, SUBSCRIPTION_ID and RESELLER_ and are marked
 * `seen` were read in a US reseller's workbooks; the others are expected by analogy, and cost nothing where they do not come.
 */
export const columnNames: Record<RatedField, readonly string[]> = {
  customerName: /* seen */ ['CUSTOMER_NAME', 'CUSTOMER'],
  subscriptionId: /* seen */ ['SUBSCRIPTION_ID'],
  mpn: /* seen */ ['RESELLER_RESOURCE_MPN', 'CUSTOMER_RESOURCE_MPN', 'RESOURCE_MPN', 'MPN'],
  vendor: ['RESELLER_RESOURCE_VENDOR', 'VENDOR_ID', 'VENDOR', 'VENDOR_NAME', 'MANUFACTURER'],
  description: /* seen */ ['CUSTOMER_DETAIL_DESCRIPTION', 'RESELLER_DETAIL_DESCRIPTION', 'DESCRIPTION'],
  chargeType: /* seen */ ['RESELLER_DETAIL_TYPE', 'DETAIL_TYPE'],
  orderId: ['RESELLER_ORDER_NUMBER', 'ORDER_NUMBER', 'ORDER_ID'],
  chargeStart: /* seen */ ['RESELLER_ACTUAL_DETAIL_START_DATE', 'RESELLER_DETAIL_START_DATE'],
  chargeEnd: /* seen */ ['RESELLER_ACTUAL_DETAIL_END_DATE', 'RESELLER_DETAIL_END_DATE'],
  unitPrice: /* seen */ ['RESELLER_DETAIL_UNIT_PRICE'],
  quantity: /* seen */ ['RESELLER_DETAIL_QTY', 'RESELLER_DETAIL_QUANTITY'],
  tax: ['RESELLER_DETAIL_TAX', 'RESELLER_DETAIL_TAX_AMOUNT'],
  discount: ['RESELLER_DETAIL_DISCOUNT', 'RESELLER_DETAIL_DISCOUNT_AMOUNT'],
  total: /* seen */ ['RESELLER_DETAIL_TOTAL'],
  currency: ['RESELLER_CURRENCY', 'RESELLER_DETAIL_CURRENCY', 'CURRENCY'],
  invoiceNumber: /* seen */ ['RESELLER_INVOICE_NUMBER', 'INVOICE_NUMBER'],
  invoiceDate: /* seen */ ['RESELLER_INVOICE_DATE', 'INVOICE_DATE'],
  invoiceTotal: ['RESELLER_INVOICE_TOTAL', 'INVOICE_TOTAL'],
  service: ['SERVICE_NAME', 'SERVICE'],
  resource: ['RESELLER_RESOURCE_NAME', 'CUSTOMER_RESOURCE_NAME', 'RESOURCE_NAME'],
  unit: ['RESELLER_RESOURCE_UNIT', 'UNIT_OF_MEASURE', 'UNIT'],
  region: ['REGION'],
};

/** Finds a column's field whatever its case and its separators; undefined for a column nobody knows. */
export class ColumnMap {
  readonly #places = new Map<string, { field: RatedField; rank: number }>();
  readonly #found = new Map<string, { field: RatedField; rank: number } | undefined>();

  /** @param more further names, from the settings; they come after the table's own */
  constructor(more: Readonly<Record<string, RatedField>> = {}) {
    for (const field of ratedFields)
      columnNames[field].forEach((name, rank) => this.#places.set(name, { field, rank }));
    for (const [name, field] of Object.entries(more)) this.#places.set(squeezed(name), { field, rank: 99 });
  }

  find(column: string): { field: RatedField; rank: number } | undefined {
    if (!this.#found.has(column)) this.#found.set(column, this.#places.get(squeezed(column)));
    return this.#found.get(column);
  }
}

const squeezed = (name: string): string =>
  name
    .trim()
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_|_$/g, '');
