import { randomUUID } from 'node:crypto';
import { ListInvoiceLines, ListInvoices, ReadInvoice } from '@isthmus/contracts';
import { startNats, type RunningServer, requestsTo } from '@isthmus/testing';
import {
  problemOf,
  runAccountSync,
  type Json,
  type RunningAccountSync,
} from '../../test/account-sync.fixture.ts';

let nats: RunningServer;
let api: RunningAccountSync;
let connectorId: string;
beforeAll(async () => {
  nats = await startNats();
  api = await runAccountSync({ NATS_URL: nats.url });
});
afterAll(async () => {
  await api.stop();
  await nats.stop();
});
beforeEach(async () => {
  connectorId = await api.connector();
});

async function document(more: Record<string, unknown> = {}): Promise<string> {
  const owner = { tenant_id: more.tenant_id ?? api.tenantId, connector_id: connectorId };
  const at = '2026-02-01T00:00:00Z';
  const report_id = await api.insert('rated_reports', {
    ...{ ...owner, id: randomUUID(), cmp_id: 'r-1', name: 'Every Invoice', generated_at: at },
    ...{ status: 'imported', attempts: 1, read_at: at },
  });
  return api.insert('rated_documents', {
    ...{
      ...owner,
      id: randomUUID(),
      kind: 'invoice',
      number: 'INV1',
      invoice_date: '2026-02-01',
      currency: 'USD',
    },
    ...{
      line_total: '10.50',
      balance: 'unchecked',
      lines: 1,
      unmatched_lines: 0,
      repeated_rows: 0,
      report_id,
    },
    ...{ generated_at: at, created_at: at, changed_at: at },
    ...more,
  });
}

const line = (documentId: string, more: Record<string, unknown> = {}) =>
  api.insert('rated_lines', {
    ...{
      id: randomUUID(),
      tenant_id: api.tenantId,
      connector_id: connectorId,
      document_id: documentId,
      row_no: 1,
    },
    ...{
      kind: 'licence',
      customer_name: 'Contoso',
      description: 'Basic',
      charge_type: 'Recurring',
      content: randomUUID(),
    },
    ...{ quantity: '3', unit_price: '3.50', total: '10.50', currency: 'USD', ...more },
  });

const get = (path: string) => api.call('GET', path);
const all = async (path: string, limit: number): Promise<Json[]> => {
  const found: Json[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await get(`${path}&limit=${limit}${cursor && `&cursor=${cursor}`}`);
    found.push(...body.data);
    cursor = body.nextCursor;
  }
  return found;
};
const request = (contract: Json, more: object = {}): Promise<Json> =>
  requestsTo(api.service).request(contract, { tenantId: api.tenantId, connectorId, ...more });

it('lists invoices each once, the newest first, those without a day last', async () => {
  const days = ['2026-03-01', null, '2026-01-01', '2026-03-01', '2026-02-01'];
  for (const [n, invoice_date] of days.entries()) await document({ number: `INV${n}`, invoice_date });
  await document({ kind: 'unbilled', number: 'usage' });
  const found = await all(`/v1/invoices?connectorId=${connectorId}`, 2);
  expect(found.map(({ invoiceDate }) => invoiceDate)).toEqual([
    ...['2026-03-01', '2026-03-01', '2026-02-01', '2026-01-01'],
    null,
  ]);
  expect(new Set(found.map(({ number }) => number)).size).toBe(5);
  const { invoices } = await request(ListInvoices);
  expect(invoices.map(({ number }: Json) => number)).toEqual(found.map(({ number }) => number));
});
it('shows an invoice and its lines with account, subscription and part number', async () => {
  const account = await api.account(connectorId, { name: 'Contoso Ltd' });
  const subscription = await api.subscription(connectorId, account, { cmp_id: '77' });
  const id = await document({ stated_total: '10.5', balance: 'balanced' });
  const matched = {
    provider_account_id: account,
    provider_subscription_id: subscription,
    matched_by: 'subscription',
    cmp_subscription_id: '77',
    vendor: 'MICROSOFT',
    mpn: 'CFQ7TTC0LH16:0001',
    billing_cycle: 'P1M',
    charge_start: '2026-01-01',
    charge_end: '2026-01-31',
  };
  const lineId = await line(id, matched);
  expect((await get(`/v1/invoices/${id}`)).body).toMatchObject({
    number: 'INV1',
    statedTotal: '10.5',
    balance: 'balanced',
  });
  const common = {
    customerName: 'Contoso Ltd',
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
    total: '10.50',
  };
  expect((await get(`/v1/invoices/${id}/lines`)).body.data).toMatchObject([
    { ...common, id: lineId, invoiceId: id, chargeEnd: '2026-01-31', providerAccountId: account },
  ]);
  expect((await request(ListInvoiceLines, { invoiceId: id, kind: 'licence' })).lines).toMatchObject([
    {
      ...common,
      lineId,
      providerSubscriptionId: subscription,
      subscriptionName: 'Microsoft 365 Business Basic',
      billingCycle: 'P1M',
      chargeEndDate: '2026-01-31',
      manufacturer: 'MICROSOFT',
    },
  ]);
  expect((await request(ListInvoiceLines, { invoiceId: id, kind: 'usage' })).lines).toEqual([]);
});

it('tells product and term of the subscription that has the line’s mpn', async () => {
  const account = await api.account(connectorId);
  const held = (mpn: string, productId: string) => ({
    mpn,
    productId,
    vendor: 'MICROSOFT',
    name: '',
    quantity: 1,
  });
  const lines = JSON.stringify([held('OTHER', 'PRD1'), held('cfq7ttc0lh16:0001', 'PRD2')]);
  const two = await api.subscription(connectorId, account, { cmp_id: '88', term: 'P3Y', lines });
  const unread = await api.subscription(connectorId, account, { cmp_id: '89', term: 'P1Y', lines: null });
  const odd = await api.subscription(connectorId, account, { cmp_id: '90', term: 'P0M', lines });
  const id = await document();
  const of = (row_no: number, provider_subscription_id: string | null, mpn = 'CFQ7TTC0LH16:0001') =>
    line(id, { row_no, provider_subscription_id, mpn, vendor: 'MICROSOFT' });
  await of(1, two);
  await of(2, two, 'ANOTHER');
  await of(3, unread);
  await of(4, odd);
  await of(5, null);
  const { lines: told } = await request(ListInvoiceLines, { invoiceId: id, kind: 'licence' });
  expect(told.map(({ cmpProductId, term }: Json) => [cmpProductId, term])).toEqual([
    ['PRD2', 'P3Y'],
    [undefined, undefined],
    [undefined, 'P1Y'],
    ['PRD2', undefined],
    [undefined, undefined],
  ]);
});

it('pages lines in the order of the report, by kind and by whether they are matched', async () => {
  const id = await document();
  for (let n = 1; n <= 7; n++)
    await line(id, {
      row_no: n,
      kind: n % 2 ? 'licence' : 'usage',
      ...(n > 4 ? { provider_account_id: randomUUID() } : { unmatched_reason: 'customer-unknown' }),
    });
  const rowsOf = (lines: Json[]) => lines.map(({ rowNo }) => rowNo);
  expect(rowsOf(await all(`/v1/invoices/${id}/lines?`, 3))).toEqual([1, 2, 3, 4, 5, 6, 7]);
  expect(rowsOf(await all(`/v1/invoices/${id}/lines?kind=usage`, 2))).toEqual([2, 4, 6]);
  const unmatched = await all(`/v1/rated-lines?connectorId=${connectorId}&matched=false`, 2);
  expect(rowsOf(unmatched)).toEqual([1, 2, 3, 4]);
  expect(unmatched[0].unmatchedReason).toBe('customer-unknown');
});

it('answers many lines in pages that fit into an answer', async () => {
  const id = await document();
  for (let n = 1; n <= 151; n++) await line(id, { row_no: n, description: 'ü'.repeat(1_000) });
  const first = await request(ListInvoiceLines, { invoiceId: id, kind: 'licence' });
  expect(first.lines).toHaveLength(150);
  const next = await request(ListInvoiceLines, { invoiceId: id, kind: 'licence', cursor: first.nextCursor });
  expect(next.lines).toHaveLength(1);
  expect(next.nextCursor).toBeUndefined();
});

it('answers lines and invoices in pages that fit although a report has a book in every cell', async () => {
  const id = await document({ lines: 12 });
  const book = '書'.repeat(80_000);
  for (let n = 1; n <= 12; n++)
    await line(id, {
      ...{ row_no: n, customer_name: book, description: book, charge_type: book, order_id: book, mpn: null },
      ...{ vendor: book, service: book, resource: book, unit: book, region: book },
    });
  const rows: number[] = [];
  let cursor: string | undefined;
  do {
    const page = await request(ListInvoiceLines, { invoiceId: id, kind: 'licence', cursor });
    expect(page.lines.every(({ resource }: Json) => resource!.length === 1_000)).toBe(true);
    rows.push(page.lines.length);
    cursor = page.nextCursor;
  } while (cursor);
  expect(rows.reduce((sum, n) => sum + n)).toBe(12);

  const more = await Promise.all(
    Array.from({ length: 499 }, (_, n) =>
      document({ number: `${'請'.repeat(250)}${n}`, balance_detail: '求'.repeat(200) }),
    ),
  );
  const found: string[] = [];
  do {
    const page = await request(ListInvoices, { cursor });
    found.push(...page.invoices.map(({ invoiceId }: Json) => invoiceId));
    cursor = page.nextCursor;
  } while (cursor);
  expect(found.toSorted()).toEqual([id, ...more].toSorted());
});

it('answers the next page of invoices although the last of a page has no day', async () => {
  const ids = await Promise.all(Array.from({ length: 501 }, () => document({ invoice_date: null })));
  const first = await request(ListInvoices);
  const next = await request(ListInvoices, { cursor: first.nextCursor });
  expect(next.nextCursor).toBeUndefined();
  const found: string[] = [...first.invoices, ...next.invoices].map(({ invoiceId }: Json) => invoiceId);
  expect(found.toSorted()).toEqual(ids.toSorted());
});

it('keeps an unbalanced invoice from whoever did not ask for it, and says both sums', async () => {
  const balanceDetail = 'It states 11.00, its lines add up to 10.50.';
  const id = await document({ balance: 'unbalanced', stated_total: '11', balance_detail: balanceDetail });
  await line(id);
  expect((await get(`/v1/invoices/${id}`)).body).toMatchObject({ balance: 'unbalanced', balanceDetail });
  expect(await request(ListInvoices)).toEqual({ invoices: [] });
  for (const requested of [
    request(ReadInvoice, { invoiceId: id }),
    request(ListInvoiceLines, { invoiceId: id, kind: 'licence' }),
  ])
    await expect(requested).rejects.toMatchObject({
      code: 'invoice.unbalanced',
      message: expect.stringContaining(balanceDetail),
    });
  const includeUnbalanced = true;
  expect((await request(ReadInvoice, { invoiceId: id, includeUnbalanced })).invoice).toMatchObject({
    balanceDetail,
  });
  expect((await request(ListInvoices, { includeUnbalanced })).invoices).toHaveLength(1);
  expect(
    (await request(ListInvoiceLines, { invoiceId: id, kind: 'licence', includeUnbalanced })).lines,
  ).toHaveLength(1);
});

it('answers usage on no invoice yet, without what an invoice has charged since', async () => {
  const usage = { kind: 'usage', cmp_subscription_id: '77', mpn: 'AZ', charge_start: '2026-02-01' };
  const unbilled = await document({ kind: 'unbilled', number: 'usage 2026-02-01' });
  await line(unbilled, { ...usage, charge_end: '2026-02-20', description: 'billed since' });
  await line(unbilled, { ...usage, charge_end: '2026-02-20', mpn: 'OTHER', description: 'open' });
  await line(await document(), { ...usage, charge_end: '2026-02-28' });
  await line(await document(), { ...usage, charge_end: '2026-02-28', mpn: 'OTHER', kind: 'licence' });
  const { lines } = await request(ListInvoiceLines, { kind: 'usage' });
  expect(lines).toMatchObject([{ description: 'open' }]);
  expect(lines[0].invoiceId).toBeUndefined();
  const { body } = await get(`/v1/rated-lines?connectorId=${connectorId}&unbilled=true`);
  expect(body.data).toMatchObject([{ description: 'open', invoiceId: null }]);
});

it("knows nothing of another tenant's or connector's invoices", async () => {
  const foreign = await document({ tenant_id: randomUUID() });
  const own = await document();
  await line(own);
  expect(problemOf(await get(`/v1/invoices/${foreign}`))).toMatchObject({
    status: 404,
    code: 'invoice.not-found',
  });
  expect((await get(`/v1/invoices/${foreign}/lines`)).status).toBe(404);
  expect((await get('/v1/invoices?limit=200')).body.data.map(({ id }: Json) => id)).not.toContain(foreign);
  expect(await request(ReadInvoice, { invoiceId: foreign })).toEqual({});
  const other = { connectorId: await api.connector() };
  expect(await request(ReadInvoice, { invoiceId: own, ...other })).toEqual({});
  expect(await request(ListInvoices, other)).toEqual({ invoices: [] });
  await expect(
    request(ListInvoiceLines, { invoiceId: own, kind: 'licence', ...other }),
  ).rejects.toMatchObject({
    code: 'invoice.not-found',
  });
  await expect(
    request(ListInvoiceLines, { invoiceId: own, kind: 'licence', tenantId: randomUUID() }),
  ).rejects.toMatchObject({
    code: 'invoice.not-found',
  });
});

describe('a rated line that a person decides about', () => {
  const decide = (id: string, body: object, as: object = { sub: 'fay', roles: ['finance'] }) =>
    api.call('PATCH', `/v1/rated-lines/${id}`, { body: { reason: 'Checked.', ...body }, as: as as never });
  const unmatched = async (invoice: string) => (await get(`/v1/invoices/${invoice}`)).body.unmatchedLines;

  it('belongs to the account or subscription that is named, and the invoice counts and tells it', async () => {
    const invoice = await document({ unmatched_lines: 2 });
    const [one, other] = [await line(invoice), await line(invoice, { row_no: 2, cmp_subscription_id: 'x' })];
    const account = await api.account(connectorId, { name: 'Northwind' });
    const subscription = await api.subscription(connectorId, account);
    await api.publishedEvents();
    const matched = await decide(one, { decision: 'match', providerAccountId: account });
    expect(matched).toMatchObject({
      status: 200,
      body: {
        ...{ id: one, matchedBy: 'manual', providerAccountId: account, customerName: 'Northwind' },
        ...{ decidedBy: 'fay', decisionReason: 'Checked.', unmatchedReason: null, excludedAt: null },
      },
    });
    expect(await unmatched(invoice)).toBe(1);
    const [published] = await api.publishedEvents();
    expect(published).toMatchObject({
      data: { invoiceId: invoice, changed: ['matches'], unmatchedLines: 1 },
    });
    const byId = await decide(other, { decision: 'match', providerSubscriptionId: subscription });
    expect(byId.body).toMatchObject({ providerAccountId: account, providerSubscriptionId: subscription });
    expect((await get(`/v1/rated-lines?matched=false&connectorId=${connectorId}`)).body.data).toEqual([]);
  });

  it('needs no account when it is excluded, until the rules decide again', async () => {
    const invoice = await document({ unmatched_lines: 1 });
    const id = await line(invoice, { customer_name: 'Nobody' });
    const excluded = (await decide(id, { decision: 'exclude', reason: 'Our own tenant.' })).body;
    expect(excluded).toMatchObject({ matchedBy: null, decisionReason: 'Our own tenant.' });
    expect(excluded.excludedAt).toMatch(/Z$/);
    expect(await unmatched(invoice)).toBe(0);
    expect((await get(`/v1/rated-lines?matched=false&connectorId=${connectorId}`)).body.data).toEqual([]);
    await api.account(connectorId, { name: 'Nobody' });
    const automatic = (await decide(id, { decision: 'automatic' })).body;
    expect(automatic).toMatchObject({ matchedBy: 'customer-name', excludedAt: null, decidedBy: null });
  });

  it('is refused where it contradicts itself, or names something of nobody or of another connector', async () => {
    const id = await line(await document());
    const foreign = await api.account(await api.connector());
    const account = await api.account(connectorId);
    const refused: [object, number][] = [
      [{ decision: 'match' }, 422],
      [{ decision: 'match', providerAccountId: foreign }, 422],
      [{ decision: 'match', providerSubscriptionId: randomUUID() }, 422],
      [{ decision: 'exclude', providerAccountId: account }, 422],
      [{ decision: 'guess' }, 400],
      [{ decision: 'exclude', reason: '' }, 400],
    ];
    for (const [body, status] of refused)
      expect([body, (await decide(id, body)).status]).toEqual([body, status]);
    expect((await decide(randomUUID(), { decision: 'exclude' })).status).toBe(404);
    expect((await decide(id, { decision: 'exclude' }, { tenant: randomUUID() })).status).toBe(404);
    expect((await decide(id, { decision: 'exclude' }, { roles: ['viewer'] })).status).toBe(403);
    expect((await get(`/v1/rated-lines?connectorId=${connectorId}`)).body.data[0].decidedBy).toBeNull();
  });

  it('stays as it was decided when lines are matched again', async () => {
    const invoice = await document({ unmatched_lines: 1 });
    const account = await api.account(connectorId, { name: 'Chosen' });
    const subscription_ref = await api.subscription(connectorId, await api.account(connectorId));
    const id = await line(invoice, { cmp_subscription_id: 's', subscription_ref });
    await decide(id, { decision: 'match', providerAccountId: account });
    const other = await line(invoice, { row_no: 2, customer_name: 'Unknown' });
    await decide(other, { decision: 'exclude' });
    expect((await get(`/v1/invoices/${invoice}/lines`)).body.data[0]).toMatchObject({
      ...{ id, matchedBy: 'manual', providerAccountId: account },
    });
  });
});
