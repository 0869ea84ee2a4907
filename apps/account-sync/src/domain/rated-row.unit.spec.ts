import { ColumnMap } from './rated-columns.ts';
import { parseDay } from './rated-day.ts';
import { readRatedRow, type RawRow } from './rated-row.ts';

const settings = {
  columns: new ColumnMap({ 'Net amount': 'total' }),
  lineKinds: {},
  currency: 'USD',
  unbilledKey: 'unbilled:x',
};
const read = (raw: RawRow) => readRatedRow(raw, 7, settings);
const raw = {
  CUSTOMER_NAME: 'Contoso',
  SUBSCRIPTION_ID: '77',
  RESELLER_RESOURCE_MPN: 'MPN-1',
  RESELLER_DETAIL_TYPE: 'Resource Overusage',
  RESELLER_DETAIL_QTY: '3',
  RESELLER_DETAIL_UNIT_PRICE: '3.50',
  RESELLER_DETAIL_TOTAL: '10.50',
  RESELLER_INVOICE_NUMBER: 'INV1',
  RESELLER_INVOICE_DATE: '2026-02-01',
};

it('reads a line by the names of its columns, whatever their case and separators', () => {
  const line = {
    kind: 'usage',
    kindKnown: true,
    customerName: 'Contoso',
    cmpSubscriptionId: '77',
    mpn: 'MPN-1',
    quantity: '3',
    unitPrice: '3.50',
    total: '10.50',
    invoiceDate: '2026-02-01',
    documentKey: 'invoice:INV1',
    currency: 'USD',
    isTotal: false,
  };
  expect(read(raw)).toMatchObject(line);
  const renamed = Object.fromEntries(
    Object.entries(raw).map(([name, value]) => [` ${name.toLowerCase().replaceAll('_', ' ')}`, value]),
  );
  expect(read(renamed)).toEqual(read(raw));
});

it('prefers the reseller’s own column and knows those of the settings', () => {
  expect(read({ ...raw, CUSTOMER_RESOURCE_MPN: 'THEIRS' }).mpn).toBe('MPN-1');
  const { RESELLER_RESOURCE_MPN: _, RESELLER_DETAIL_TOTAL: __, ...rest } = raw;
  expect(read({ ...rest, CUSTOMER_RESOURCE_MPN: 'THEIRS', 'NET-AMOUNT': '9' })).toMatchObject({
    mpn: 'THEIRS',
    total: '9',
  });
});

it('says the same of amounts written otherwise, and something else of any other amount', () => {
  const { content, identity } = read(raw);
  expect(read({ ...raw, RESELLER_DETAIL_TOTAL: '10.5', RESELLER_DETAIL_UNIT_PRICE: '3.5000' }).content).toBe(
    content,
  );
  expect(read({ ...raw, RESELLER_DETAIL_TOTAL: '10.51' }).content).not.toBe(content);
  const more = read({ ...raw, LINE_NO: '1' });
  expect([more.content, more.other]).toEqual([content, { LINE_NO: '1' }]);
  expect(more.identity).not.toBe(identity);
  expect(read({ ...raw, LINE_NO: '2' }).identity).not.toBe(more.identity);
});

it('takes a row for a total only when it charges nothing', () => {
  expect(read({ CUSTOMER_NAME: 'Grand Total', RESELLER_DETAIL_TOTAL: '99' })).toMatchObject({
    isTotal: true,
    documentKey: '',
  });
  expect(read({ ...raw, CUSTOMER_NAME: 'Total Logistics Ltd' })).toMatchObject({ isTotal: false });
  expect(
    read({
      CUSTOMER_DETAIL_DESCRIPTION: 'Invoice total',
      RESELLER_INVOICE_NUMBER: 'INV1',
      RESELLER_DETAIL_TOTAL: '99',
    }),
  ).toMatchObject({ isTotal: true, documentKey: 'invoice:INV1' });
});

it.each([
  [{ ...raw, RESELLER_DETAIL_TOTAL: 'n/a' }, 'Row 7: RESELLER_DETAIL_TOTAL is "n/a", which is no amount.'],
  [{ ...raw, RESELLER_DETAIL_TOTAL: ' ' }, 'Row 7: the total is "", which is no amount.'],
  [{ ...raw, RESELLER_DETAIL_QTY: '3 of 4' }, 'RESELLER_DETAIL_QTY is "3 of 4"'],
  [{ ...raw, RESELLER_INVOICE_DATE: '31.02.2026' }, 'RESELLER_INVOICE_DATE is "31.02.2026", which is no day'],
  [{ ...raw, CURRENCY: 'Dollar' }, 'CURRENCY is "Dollar", which is no currency code'],
])('refuses what it cannot read: %j', (broken, message) => {
  expect(() => read(broken)).toThrow(
    expect.objectContaining({ code: 'report.row-unreadable', message: expect.stringContaining(message) }),
  );
});

it.each([
  ['2026-02-28', '2026-02-28'],
  ['2026-02-28T23:59:59Z', '2026-02-28'],
  ['2/3/2026', '2026-02-03'],
  ['02/28/2026 12:00', '2026-02-28'],
  ['2026-02-30', undefined],
  ['13/01/2026', undefined],
  ['2026-2-3', undefined],
])('reads the day %s as %s', (text, day) => {
  expect(parseDay(text)).toBe(day);
});

it('counts a charge by an unknown word as a one-off, and says that it is unknown', () => {
  expect(read({ ...raw, RESELLER_DETAIL_TYPE: 'Goodwill' })).toMatchObject({
    kind: 'one-off',
    kindKnown: false,
  });
  const own = { ...settings, lineKinds: { goodwill: 'licence' as const } };
  expect(readRatedRow({ ...raw, RESELLER_DETAIL_TYPE: 'Goodwill' }, 1, own)).toMatchObject({
    kind: 'licence',
    kindKnown: true,
  });
});
