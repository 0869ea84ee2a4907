import { isoDay } from '../wire/dates.ts';
import type { ReportState } from '../world/report.ts';
import type { World } from '../world/world.ts';

/** A line of an invoice workbook; the column names are those seen in a US reseller's reports. */
export type InvoiceRow = Record<(typeof invoiceColumns)[number], string>;

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

const page = 500;

/** What a report says, row by row: one per product of a running subscription. Every fiftieth row comes twice, as in real files. */
export function* invoiceRows(world: World, report: ReportState): Generator<InvoiceRow> {
  let count = 0;
  for (let offset = 0; ; offset += page) {
    const { rows, total } = world.subscriptions.list(
      { offset, limit: page },
      { status: 'active', createdTo: report.until },
    );
    for (const subscription of rows) {
      const customer = world.customers.indexOf(subscription.customerId);
      for (const { item, quantity } of subscription.products) {
        const row: InvoiceRow = {
          CUSTOMER_NAME: customer === undefined ? '' : world.customers.at(customer).name,
          SUBSCRIPTION_ID: subscription.id,
          RESELLER_RESOURCE_MPN: item.mpn,
          CUSTOMER_RESOURCE_MPN: item.mpn,
          CUSTOMER_DETAIL_DESCRIPTION: `${item.name} Recurring from ${isoDay(report.from)} through ${isoDay(report.until)}`,
          RESELLER_DETAIL_TYPE: 'Recurring',
          RESELLER_DETAIL_QTY: String(quantity),
          RESELLER_DETAIL_UNIT_PRICE: (item.costCents / 100).toFixed(2),
          RESELLER_DETAIL_TOTAL: ((item.costCents * quantity) / 100).toFixed(2),
          RESELLER_INVOICE_NUMBER: `INV${isoDay(report.createdAt).replaceAll('-', '')}`,
          RESELLER_INVOICE_DATE: isoDay(report.createdAt),
          RESELLER_ACTUAL_DETAIL_START_DATE: isoDay(report.from),
          RESELLER_ACTUAL_DETAIL_END_DATE: isoDay(report.until),
        };
        yield row;
        if (++count % 50 === 0) yield row;
      }
    }
    if (offset + page >= total) return;
  }
}
