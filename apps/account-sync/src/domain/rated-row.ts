import { createHash } from 'node:crypto';
import type { RatedLineKind } from '@isthmus/contracts';
import { canonical } from './decimal-sum.ts';
import { kindOf } from './line-kinds.ts';
import { parseAmount } from './rated-amount.ts';
import { ColumnMap, type RatedField } from './rated-columns.ts';
import { parseDay } from './rated-day.ts';
import { rowUnreadable } from './report.errors.ts';

/** A row of a file: texts by the names of their columns. */
export type RawRow = Readonly<Record<string, string>>;

export interface RowSettings {
  columns: ColumnMap;
  lineKinds: Readonly<Record<string, RatedLineKind>>;
  /** Of lines that do not say theirs. */
  currency: string;
  /** Names the lines that are on no invoice yet; a later report of the same key replaces them. */
  unbilledKey: string;
}

/** A line as a report states it. Amounts are plain decimals, days `YYYY-MM-DD`. */
export interface RatedRow {
  row: number;
  /** A row that states a total and is no charge. */
  isTotal: boolean;
  /** `invoice:<number>` or `unbilled:…`; empty for a total of the whole file. */
  documentKey: string;
  invoiceNumber: string | null;
  invoiceDate: string | null;
  statedTotal: string | null;
  kind: RatedLineKind;
  kindKnown: boolean;
  customerName: string;
  cmpSubscriptionId: string | null;
  mpn: string | null;
  vendor: string | null;
  description: string;
  chargeType: string;
  orderId: string | null;
  chargeStart: string | null;
  chargeEnd: string | null;
  unitPrice: string | null;
  quantity: string;
  tax: string | null;
  discount: string | null;
  total: string;
  currency: string;
  service: string | null;
  resource: string | null;
  unit: string | null;
  region: string | null;
  /** Columns nobody knows, as they came. */
  other: Readonly<Record<string, string>> | null;
  /** Equal for rows that are equal in every column: one line, told twice. */
  identity: string;
  /** Equal for lines that say the same of what we understand, in any report and any format. */
  content: string;
}

/**
 * Reads a row of a report.
 * @param row its place in the file, from 1, without the header
 * @throws ReportNotUsable (report.row-unreadable) for an amount, a quantity or a day that is none
 */
export function readRatedRow(raw: RawRow, row: number, settings: RowSettings): RatedRow {
  const { given, names, other } = sorted(raw, settings.columns);
  const text = (field: RatedField) => given[field] || null;
  const as = <T>(field: RatedField, expected: string, parse: (value: string) => T | undefined): T | null => {
    const value = given[field];
    if (!value) return null;
    const parsed = parse(value);
    if (parsed === undefined) throw rowUnreadable(row, names[field] ?? field, value, expected);
    return parsed;
  };
  const amount = (field: RatedField) => as(field, 'amount', parseAmount);
  const day = (field: RatedField) => as(field, 'day', parseDay);

  const total = amount('total');
  if (total === null) throw rowUnreadable(row, names.total ?? 'the total', '', 'amount');
  const isTotal = statesTotal(given);
  const invoiceNumber = text('invoiceNumber');
  const chargeType = given.chargeType ?? '';
  const { kind, known } = kindOf(chargeType, settings.lineKinds);
  const line = {
    invoiceNumber,
    invoiceDate: day('invoiceDate'),
    kind,
    customerName: given.customerName ?? '',
    cmpSubscriptionId: text('subscriptionId'),
    mpn: text('mpn'),
    vendor: text('vendor'),
    description: given.description ?? '',
    chargeType,
    orderId: text('orderId'),
    chargeStart: day('chargeStart'),
    chargeEnd: day('chargeEnd'),
    unitPrice: amount('unitPrice'),
    quantity: amount('quantity') ?? '1',
    tax: amount('tax'),
    discount: amount('discount'),
    total,
    currency: as('currency', 'currency code', currencyCode) ?? settings.currency,
    service: text('service'),
    resource: text('resource'),
    unit: text('unit'),
    region: text('region'),
  };
  const content = hashOf(contentOf(line));
  return {
    ...line,
    row,
    isTotal,
    documentKey: invoiceNumber ? `invoice:${invoiceNumber}` : isTotal ? '' : settings.unbilledKey,
    statedTotal: amount('invoiceTotal'),
    kindKnown: known,
    other,
    identity: other
      ? hashOf([content, JSON.stringify(Object.entries(other).toSorted(([a], [b]) => (a < b ? -1 : 1)))])
      : content,
    content,
  };
}

function sorted(raw: RawRow, columns: ColumnMap) {
  const given: Partial<Record<RatedField, string>> = {};
  const names: Partial<Record<RatedField, string>> = {};
  const ranks: Partial<Record<RatedField, number>> = {};
  let other: Record<string, string> | null = null;
  for (const [name, value] of Object.entries(raw)) {
    const trimmed = value.replaceAll('\0', '').trim();
    if (trimmed === '') continue;
    const place = columns.find(name);
    if (!place) (other ??= {})[name.trim()] = trimmed;
    else if (place.rank < (ranks[place.field] ?? Infinity)) {
      given[place.field] = trimmed;
      names[place.field] = name.trim();
      ranks[place.field] = place.rank;
    }
  }
  return { given, names, other };
}

const currencyCode = (text: string) => (/^[A-Z]{3}$/.test(text) ? text : undefined);

/** A total names no subscription and no product, and calls itself one. */
const statesTotal = ({
  subscriptionId,
  mpn,
  customerName = '',
  description = '',
  chargeType = '',
}: Partial<Record<RatedField, string>>) =>
  !subscriptionId &&
  !mpn &&
  [customerName, description, chargeType].some((text) => /^(grand |invoice |sub)?total\b/i.test(text));

type Line = Omit<
  RatedRow,
  'row' | 'isTotal' | 'documentKey' | 'statedTotal' | 'kindKnown' | 'other' | 'identity' | 'content'
>;

/** Not the kind: which word is which kind is a setting. */
const contentOf = ({
  kind: _,
  unitPrice,
  quantity,
  tax,
  discount,
  total,
  ...texts
}: Line): (string | null)[] => [
  ...Object.values(texts),
  ...[unitPrice, quantity, tax, discount, total].map((value) => value && canonical(value)),
];

/** As a UUID, which PostgreSQL keeps in 16 bytes. */
const hashOf = (parts: readonly unknown[]): string =>
  createHash('md5')
    .update(JSON.stringify(parts))
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
