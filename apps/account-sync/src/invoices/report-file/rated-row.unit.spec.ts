import { ColumnMap } from './rated-vocabulary.ts';
import { readDay, usualFormat } from './report-format.ts';
import { readRatedRow, type RawRow } from './rated-row.ts';

const settings = {
  columns: new ColumnMap({ 'Net amount': 'total' }),
  lineKinds: {},
  currency: 'USD',
  unbilledKey: 'unbilled:x',
  format: usualFormat,
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
  [
    { ...raw, RESELLER_DETAIL_TOTAL: 'n/a' },
    'Row 7: RESELLER_DETAIL_TOTAL is "n/a", which is not a valid amount.',
  ],
  [
    { ...raw, RESELLER_DETAIL_TOTAL: ' ' },
    'Row 7: RESELLER_DETAIL_TOTAL is "", which is not a valid amount.',
  ],
  [{ ...raw, RESELLER_DETAIL_QTY: '3 of 4' }, 'RESELLER_DETAIL_QTY is "3 of 4"'],
  [
    { ...raw, RESELLER_INVOICE_DATE: '31.02.2026' },
    'RESELLER_INVOICE_DATE is "31.02.2026", which is not a valid day',
  ],
  [
    { ...raw, RESELLER_RESOURCE_MPN: 'M'.repeat(256) },
    'which is not a valid string of at most 255 characters',
  ],
  [
    { ...raw, RESELLER_DETAIL_TYPE: 'R'.repeat(256) },
    'which is not a valid string of at most 255 characters',
  ],
  [{ ...raw, CURRENCY: 'Dollar' }, 'CURRENCY is "Dollar", which is not a valid currency code'],
])('refuses what it cannot read: %j', (broken, message) => {
  expect(() => read(broken)).toThrow(
    expect.objectContaining({ code: 'report.row-unreadable', message: expect.stringContaining(message) }),
  );
});

it.each([
  [
    'RESELLER_DETAIL_TOTAL',
    'ResellerDetailTotal',
    'reseller detail total',
    'Reseller-Detail_TOTAL',
    'resellerDetailTotal',
  ],
])('reads %s, %s, %s, %s and %s as one column', (...names) => {
  const { RESELLER_DETAIL_TOTAL: total, ...rest } = raw;
  for (const name of names) expect(read({ ...rest, [name]: total })).toMatchObject({ total: '10.50' });
});

it('takes the currency and the account from the file', () => {
  const line = read({ ...raw, RESELLER_ACCOUNT_CURRENCY: 'eur', CUSTOMER_ACCOUNT_ID: '1000105107' });
  expect(line).toMatchObject({ currency: 'EUR', cmpAccountId: '1000105107' });
  expect(read({ ...raw, RESELLER_DETAIL_TOTAL: '10.50 CHF' })).toMatchObject({
    currency: 'CHF',
    total: '10.50',
  });
  expect(() => read({ ...raw, CURRENCY: 'USD', RESELLER_DETAIL_TOTAL: '€ 10.50' })).toThrow(
    'amount in USD: the row also names EUR',
  );
  // A sign must not contradict the row's currency, be it named or the connector's.
  expect(() => read({ ...raw, RESELLER_DETAIL_TOTAL: '10.50 kr' })).toThrow(
    'which is not a valid amount in USD',
  );
  expect(read({ ...raw, RESELLER_DETAIL_TOTAL: '10.50 Kč' })).toMatchObject({ currency: 'CZK' });
  expect(() => read({ ...raw, CURRENCY: 'EUR', RESELLER_DETAIL_UNIT_PRICE: '$ 3.50' })).toThrow(
    'RESELLER_DETAIL_UNIT_PRICE is "$ 3.50", which is not a valid amount in EUR',
  );
  expect(read({ ...raw, CURRENCY: 'CAD', RESELLER_DETAIL_TOTAL: '$ 10.50' })).toMatchObject({
    currency: 'CAD',
  });
  // An id of a workbook or of JSON is a number that programs may write with a fraction or an exponent.
  const ids = ['1000105107', '1000105107.0', '1.000105107E9'].map((exact) => ({ exact }));
  for (const id of ids)
    expect(read({ ...raw, CUSTOMER_ACCOUNT_ID: id })).toMatchObject({ cmpAccountId: '1000105107' });
  // In a text only the fraction may go: 1.0001E9 may have lost its last digits.
  expect(read({ ...raw, CUSTOMER_ACCOUNT_ID: '1000105107.0', SUBSCRIPTION_ID: '1.0001E9' })).toMatchObject({
    cmpAccountId: '1000105107',
    cmpSubscriptionId: '1.0001E9',
  });
});

it('reads the short view of the export', () => {
  const short = {
    'Reseller ID': '1000105104',
    'Customer Account ID': '1000105107',
    'End Customer Name': 'Helen & Co',
    'Subscription ID': '1173522',
    'Subscription Name': 'Microsoft 365 Business',
    'Charge Type': 'Recurring',
    Quantity: '3',
    'Unit Cost': '4',
    'Total Cost': '12',
    Currency: 'GBP',
  };
  expect(read(short)).toMatchObject({
    customerName: 'Helen & Co',
    cmpAccountId: '1000105107',
    cmpSubscriptionId: '1173522',
    total: '12',
    currency: 'GBP',
    other: { 'Reseller ID': '1000105104', 'Subscription Name': 'Microsoft 365 Business' },
  });
});

it('lists what is not billed yet for each currency apart', () => {
  const { RESELLER_INVOICE_NUMBER: _, ...unbilled } = raw;
  expect(read({ ...unbilled, CURRENCY: 'USD' }).documentKey).toBe('unbilled:x');
  expect(read({ ...unbilled, CURRENCY: 'EUR' }).documentKey).toBe('unbilled:x EUR');
});

it('does not fall back to another column where the amount of the best one is missing', () => {
  expect(() => read({ ...raw, RESELLER_DETAIL_TOTAL: '', TOTAL: '9' })).toThrow(
    'RESELLER_DETAIL_TOTAL is ""',
  );
});

it('takes numbers and days of a workbook as they are, whatever the format of the texts', () => {
  const cells = { RESELLER_DETAIL_TOTAL: { exact: '1.000' }, RESELLER_INVOICE_DATE: { exact: '2026-02-03' } };
  const format = { decimalSeparator: ',' as const, dateOrder: 'day-first' as const };
  const mixed = { ...raw, RESELLER_DETAIL_UNIT_PRICE: '0,125', ...cells };
  expect(readRatedRow(mixed, 1, { ...settings, format })).toMatchObject({
    total: '1.000',
    unitPrice: '0.125',
    invoiceDate: '2026-02-03',
  });
});

it.each([
  [
    { ...raw, CUSTOMER_NAME: 'Caf\ud83d' },
    'CUSTOMER_NAME is "Caf?", which is not a valid string: it contains half a character',
  ],
  [{ ...raw, 'X\udc00': '1' }, 'the name of a column is "X?"'],
  [{ ...raw, LINE_NO: 'x\ud800y' }, 'LINE_NO is "x?y"'],
  [{ ...raw, CUSTOMER_NAME: 'Caf\ufffd' }, 'characters were lost'],
  [
    { ...raw, RESELLER_INVOICE_DATE: '0000-01-01' },
    'RESELLER_INVOICE_DATE is "0000-01-01", which is not a valid day',
  ],
  [{ ...raw, RESELLER_INVOICE_DATE: '0001-01-01T00:00:00' }, 'which is not a valid day'],
  [{ ...raw, RESELLER_DETAIL_TOTAL: '9'.repeat(40) }, 'which is not a valid amount'],
  [
    { ...raw, RESELLER_INVOICE_NUMBER: 'I'.repeat(256) },
    'which is not a valid string of at most 255 characters',
  ],
])('refuses what cannot be kept: %j', (broken, message) => {
  expect(() => read(broken)).toThrow(
    expect.objectContaining({ code: 'report.row-unreadable', message: expect.stringContaining(message) }),
  );
});

it('keeps all of a text but zero bytes', () => {
  expect(read({ ...raw, CUSTOMER_NAME: 'Con\0toso 😀 \u202eabc' }).customerName).toBe('Contoso 😀 \u202eabc');
});

it.each([
  ['2026-02-28', '2026-02-28'],
  ['2026-02-28T23:59:59Z', '2026-02-28'],
  ['2/3/2026', '2026-02-03'],
  ['02/28/2026 12:00', '2026-02-28'],
  ['2026-02-30', undefined],
  ['13/01/2026', undefined],
  ['2026-2-3', undefined],
  ['2026/2/3', '2026-02-03'],
  ['20260203', '2026-02-03'],
  ['2.3.2026', '2026-02-03'],
  ['2-3-2026', '2026-02-03'],
  ['2/3-2026', undefined],
  ['1/2/26', undefined],
  ['9999-12-31', '9999-12-31'],
])('reads the day %s as %s', (text, day) => {
  expect(readDay(text)['month-first']).toBe(day);
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

it.each([
  [
    'licence',
    ['recurringRefund', 'RECURRING_REFUND', 'Recurring refund', 'renew', 'renewRefund', 'switch', 'transfer'],
  ],
  [
    'licence',
    [
      'transferRefund',
      'upgrade',
      'downgrade',
      'cancel',
      'cancellation',
      'refund',
      'refundAdjustment',
      'Renewal credit',
    ],
  ],
  ['usage', ['overuse', 'Resource Overusage', 'usageRefund', 'overuse-refund']],
  [
    'one-off',
    ['setup', 'setupRefund', 'One-Time', 'discount', 'adjustment', 'handlingFee', 'billPenalty', 'deposit'],
  ],
])('knows as %s: %j', (kind, words) => {
  for (const word of words)
    expect(read({ ...raw, RESELLER_DETAIL_TYPE: word })).toMatchObject({ kind, kindKnown: true });
});

it.each(['unknown', 'constructor', '__proto__', 'credit'])('does not know the charge "%s"', (word) => {
  expect(read({ ...raw, RESELLER_DETAIL_TYPE: word })).toMatchObject({ kind: 'one-off', kindKnown: false });
});

it('keeps a refund as it is: of the subscription, and negative', () => {
  const refund = {
    RESELLER_DETAIL_TYPE: 'recurringRefund',
    RESELLER_DETAIL_QTY: '-3',
    RESELLER_DETAIL_TOTAL: '-30.00',
  };
  expect(read({ ...raw, ...refund })).toMatchObject({
    ...{ kind: 'licence', quantity: '-3', total: '-30.00', cmpSubscriptionId: '77' },
  });
});
