import { readSheet } from 'read-excel-file/node';
import type { RunningSimulator } from '../start-simulator.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let user: CmpUser;
beforeEach(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
});
afterEach(() => simulator.close());

it('ignores paging and narrows by days', async () => {
  expect((await user.get('/reports?offset=1&limit=1')).body.pagination).toEqual({
    offset: 0,
    limit: 3,
    total: 3,
  });
  const { data } = (await user.get('/reports?from=2026-02-01&to=2026-02-28')).body;
  expect(data).toMatchObject([
    {
      creationDate: '2026-02-01T00:00:00Z',
      startDate: '2026-01-01T00:00:00Z',
      status: 'completed',
      format: 'csv',
    },
  ]);
});

it('offers a signed link that works without the headers of the API only', async () => {
  const [{ downloadUrl }] = (await user.get('/reports')).body.data;
  expect((await fetch(downloadUrl, { headers: { authorization: 'Bearer x' } })).status).toBe(403);
  expect((await fetch(downloadUrl, { headers: { 'x-subscription-key': 'x' } })).status).toBe(403);
  expect((await fetch(downloadUrl.replace(/sig=.*/, 'sig=00'))).status).toBe(403);
  expect((await fetch(downloadUrl.replace(/se=2026/, 'se=2027'))).status).toBe(403);
  const file = await fetch(downloadUrl);
  expect(file.headers.get('content-type')).toContain('text/csv');
  const [head, ...rows] = (await file.text()).trim().split('\r\n');
  expect(head).toMatch(/^CUSTOMER_NAME,SUBSCRIPTION_ID,RESELLER_RESOURCE_MPN,/);
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.length - new Set(rows).size).toBeGreaterThan(0);
});

it('prepares a one-time report, then offers it', async () => {
  const { body } = await user.post('/reports', {
    name: 'Every Invoice - Usage',
    startDate: '2026-02-01T00:00:00Z',
    format: 'json',
  });
  expect(body).toMatchObject({ status: 'submitted', type: 'onetime' });
  expect(body.downloadUrl).toBeUndefined();
  await simulator.control.advance(60);
  expect((await user.get(`/reports/${body.id}`)).body).toMatchObject({ status: 'processing' });
  await simulator.control.advance(40);
  const { downloadUrl, status } = (await user.get(`/reports/${body.id}`)).body;
  expect(status).toBe('completed');
  expect(await (await fetch(downloadUrl)).json()).toContainEqual(
    expect.objectContaining({ RESELLER_DETAIL_TYPE: 'Resource Overusage', RESELLER_INVOICE_NUMBER: '' }),
  );
  await simulator.control.advance(3_601);
  expect((await fetch(downloadUrl)).status).toBe(403);
  expect((await fetch((await user.get(`/reports/${body.id}`)).body.downloadUrl)).status).toBe(200);
});

it.each([
  [{ startDate: '2026-02-01T00:00:00Z' }, 'name'],
  [{ name: 'My Own', startDate: '2026-02-01T00:00:00Z' }, 'not configured'],
  [{ name: 'Every Invoice - Usage', startDate: '2026-02-01T00:00:00Z', format: 'xml' }, 'csv, json, xlsx'],
])('refuses %j', async (report, words) => {
  expect(await user.post('/reports', report)).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining(words) },
  });
});

it('spoils its files as told, and mends them', async () => {
  const { spoilReports, mendReports } = simulator.control;
  const csv = async () => {
    const [report] = (await user.get('/reports')).body.data;
    return { format: report.format, text: await (await fetch(report.downloadUrl)).text() };
  };
  const usual = (await csv()).text;
  await spoilReports({
    byteOrderMark: true,
    upperCaseFormats: true,
    totalRow: true,
    thousandsSeparators: true,
  });
  const spoilt = await csv();
  expect(spoilt.format).toBe('CSV');
  expect(spoilt.text.trimEnd().split('\r\n').at(-1)).toMatch(/^Grand Total,.*"\d{1,3},\d{3}\.\d\d"/);
  await spoilReports({ truncated: true });
  expect((await csv()).text).not.toMatch(/\n$/);
  await expect(spoilReports({ upsideDown: true } as never)).rejects.toThrow('There is no oddity upsideDown');
  await mendReports();
  expect((await csv()).text).toBe(usual);
});

it('writes its files in other formats, with other columns, and refuses to be told nonsense', async () => {
  const { spoilReports } = simulator.control;
  const bytes = async () => {
    const [report] = (await user.get('/reports')).body.data;
    return Buffer.from(await (await fetch(report.downloadUrl)).arrayBuffer());
  };
  await spoilReports({
    ...{
      separator: ';',
      decimalComma: true,
      thousandsSeparators: true,
      days: 'day-first',
      encoding: 'windows-1252',
    },
    ...{ accents: true, view: 'full', spelling: 'camel', refunds: 1, invoiceTotalColumn: true },
  });
  const [head, first, refund] = (await bytes()).toString('latin1').split('\r\n');
  expect(head).toMatch(
    /^CustomerName;SubscriptionId;.*;ResellerAccountCurrency;CustomerAccountId;SubscriptionName;ResellerInvoiceTotal$/,
  );
  expect(first).toMatch(/^Café Étoile;\d+;.*;\d{1,3}(\.\d{3})*,\d\d;INV\d+;28\/02\/2026;01\/02\/2026;/);
  expect(refund).toMatch(/;recurringRefund;-1;/);
  const file = Buffer.from('anything at all');
  await spoilReports({ verbatim: file.toString('base64') });
  expect(await bytes()).toEqual(file);
  await expect(spoilReports({ days: 'sideways' } as never)).rejects.toThrow('days is one of "year-first"');
  await expect(spoilReports({ refunds: true } as never)).rejects.toThrow('refunds must have the type of 0');
});

it('writes a workbook whose amounts and days are cells of their kinds', async () => {
  const { body } = await user.post('/reports', {
    name: 'Every Invoice - Subscriptions',
    startDate: '2026-02-01T00:00:00Z',
    format: 'xlsx',
  });
  await simulator.control.advance(100);
  const { downloadUrl } = (await user.get(`/reports/${body.id}`)).body;
  const file = await fetch(downloadUrl);
  expect(file.headers.get('content-type')).toContain('spreadsheetml');
  const [head, first] = await readSheet(Buffer.from(await file.arrayBuffer()));
  const cell = (name: string) => first![head!.indexOf(name)];
  expect(cell('RESELLER_DETAIL_TOTAL')).toEqual(expect.any(Number));
  expect(cell('RESELLER_ACTUAL_DETAIL_START_DATE')).toEqual(new Date('2026-02-01T00:00:00Z'));
});
