import type { ReportState } from '../world/report.ts';
import type { World } from '../world/world.ts';
import { invoiceColumns, invoiceRows } from './invoice-rows.ts';
import { printMicros, withSeparators } from './micros.ts';

export interface ReportTable {
  columns: readonly string[];
  rows: Iterable<Record<string, string>>;
}

export const amountColumns: ReadonlySet<string> = new Set([
  'RESELLER_DETAIL_QTY',
  'RESELLER_DETAIL_UNIT_PRICE',
  'RESELLER_DETAIL_TOTAL',
]);

/** The rows of a report with its columns, as the world's oddities have them. */
export function reportTable(world: World, report: ReportState): ReportTable {
  const { shuffledColumns, unknownColumns } = world.reportOddities;
  const known = shuffledColumns ? [...invoiceColumns].reverse() : invoiceColumns;
  const columns = unknownColumns ? ['COST_CENTRE', ...known, 'RESELLER_LOYALTY_POINTS'] : known;
  return { columns, rows: tableRows(world, report) };
}

function* tableRows(world: World, report: ReportState): Generator<Record<string, string>> {
  const { unknownColumns, thousandsSeparators, totalRow, totalOffCents, moreDecimals } = world.reportOddities;
  const more: Record<string, string> = unknownColumns
    ? { COST_CENTRE: 'CC-7', RESELLER_LOYALTY_POINTS: '12' }
    : {};
  const print = (amount: string) => (thousandsSeparators ? withSeparators(amount) : amount);
  let sum = BigInt(totalOffCents) * 10_000n;
  for (const { row, micros } of invoiceRows(world, report)) {
    sum += micros;
    const { RESELLER_DETAIL_UNIT_PRICE: price, RESELLER_DETAIL_TOTAL: total } = row;
    yield { ...row, ...more, RESELLER_DETAIL_UNIT_PRICE: print(price), RESELLER_DETAIL_TOTAL: print(total) };
  }
  if (!totalRow) return;
  const empty = Object.fromEntries(invoiceColumns.map((column) => [column, '']));
  const stated = print(printMicros(sum, moreDecimals ? 6 : 2));
  yield { ...empty, CUSTOMER_NAME: 'Grand Total', RESELLER_DETAIL_TOTAL: stated };
}
