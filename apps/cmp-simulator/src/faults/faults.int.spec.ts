import type { FaultOrder } from './fault-book.ts';
import type { RunningSimulator } from '../start-simulator.ts';
import { change, sale } from '../../test/orders.fixture.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let user: CmpUser;
let customerId: string;
beforeEach(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
  customerId = (await simulator.control.addCustomers({}))[0]!.id;
});
afterEach(() => simulator.close());

const on = (method: string, path: string, fault: FaultOrder) =>
  simulator.control.fault({ match: { method, path }, ...fault });
const ordered = async () => (await simulator.control.ledger()).length;
const place = () => user.post('/orders', sale(customerId));
const ids = (reply: { body: { data: { id: string }[] } }) => reply.body.data.map(({ id }) => id);

describe('matching', () => {
  it('strikes only the calls it waits for: method, path, account; once unless told otherwise', async () => {
    await simulator.control.fault({
      kind: 'error',
      match: { method: 'get', path: '^/orders$', account: 'us' },
    });
    expect((await user.get('/customers')).status).toBe(200);
    expect((await user.get('/orders/2000001')).status).toBe(200);
    expect((await user.get('/orders')).status).toBe(500);
    expect((await user.get('/orders')).status).toBe(200);
    expect(await simulator.control.faults()).toMatchObject([{ seen: 2, applied: 1 }]);
  });

  it('lets the first calls pass, strikes the next ones, or all of them until cleared', async () => {
    await simulator.control.fault({ kind: 'error', after: 1, times: 2 });
    await user.signIn();
    expect([
      (await user.get('/plans')).status,
      (await user.get('/plans')).status,
      (await user.get('/plans')).status,
    ]).toEqual([500, 500, 200]);
    await simulator.control.fault({ kind: 'error', times: null });
    for (let n = 0; n < 3; n++) expect((await user.get('/plans')).status).toBe(500);
    await simulator.control.clearFaults();
    expect((await user.get('/plans')).status).toBe(200);
  });

  it('spares the other account, and refuses an unknown kind or pattern', async () => {
    await simulator.control.fault({ kind: 'error', match: { account: 'uk' } });
    expect((await user.get('/plans')).status).toBe(200);
    await expect(simulator.control.fault({ kind: 'flood' as 'error' })).rejects.toThrow('Known: throttle');
    await expect(simulator.control.fault({ kind: 'error', match: { path: '(' } })).rejects.toThrow(
      'regular expression',
    );
  });

  it('is written into the log of requests', async () => {
    await on('GET', '/plans', { kind: 'html-200' });
    await user.get('/plans');
    expect((await simulator.control.requests()).at(-1)).toMatchObject({
      path: '/plans',
      faults: ['html-200'],
      status: 200,
    });
  });
});

describe('before the work', () => {
  it('throttle: 429 with Retry-After, or without', async () => {
    await on('GET', '/plans', { kind: 'throttle', retryAfter: 7 });
    const first = await user.get('/plans');
    expect(first).toMatchObject({
      status: 429,
      body: { statusCode: 429, message: 'Rate limit is exceeded. Try again in 7 seconds.' },
    });
    expect(first.headers.get('retry-after')).toBe('7');
    await on('GET', '/plans', { kind: 'throttle' });
    expect((await user.get('/plans')).headers.get('retry-after')).toBeNull();
  });

  it('slow: waits, then answers as ever', async () => {
    await user.signIn();
    await on('GET', '/plans', { kind: 'slow', ms: 150 });
    const before = performance.now();
    expect((await user.get('/plans')).status).toBe(200);
    expect(performance.now() - before).toBeGreaterThan(140);
  });

  it('error, html-504, error-body-200, html-200: the order is not placed', async () => {
    await on('POST', '/orders', { kind: 'error', message: 'Out of order' });
    expect(await place()).toMatchObject({ status: 500, body: { message: 'Out of order', path: '/orders' } });
    await on('POST', '/orders', { kind: 'html-504', accepted: false });
    const proxy = await place();
    expect(proxy.status).toBe(504);
    expect(proxy.text).toContain('<title>504 Gateway Time-out</title>');
    await on('POST', '/orders', { kind: 'error-body-200' });
    expect(await place()).toMatchObject({ status: 200, body: { status: 500 } });
    await on('POST', '/orders', { kind: 'html-200' });
    const page = await place();
    expect(page.status).toBe(200);
    expect(page.headers.get('content-type')).toContain('text/html');
    expect(await ordered()).toBe(0);
  });

  it('token-revoked: 401 now and for every later call with an old token', async () => {
    await on('GET', '/plans', { kind: 'token-revoked' });
    expect((await user.get('/plans')).status).toBe(401);
    expect((await user.get('/plans')).status).toBe(401);
    await user.signIn();
    expect((await user.get('/plans')).status).toBe(200);
  });

  it('late-accept: 504 now, the order later, on world time', async () => {
    await on('POST', '/orders', { kind: 'late-accept', seconds: 300 });
    expect((await place()).status).toBe(504);
    await simulator.control.advance(299);
    expect(await ordered()).toBe(0);
    await simulator.control.advance(2);
    expect(await simulator.control.ledger()).toMatchObject([
      { at: '2026-03-01T09:05:00.000Z', poNumber: 'PO-TEST-1', customerId, status: 'submitted' },
    ]);
    await simulator.control.advance(100);
    expect((await user.get(`/subscriptions?customerId=${customerId}`)).body.data).toMatchObject([
      { status: 'active' },
    ]);
  });

  it('late-accept: an order that is refused by then never appears', async () => {
    await on('POST', '/orders', { kind: 'late-accept', seconds: 300 });
    await place();
    await user.patch(`/customers/${customerId}`, { status: 'creditHold' });
    await simulator.control.advance(301);
    expect((await user.get('/customers')).status).toBe(200);
    expect(await ordered()).toBe(0);
  });
});

describe('after the work', () => {
  it.each([
    ['error-after-accepting', {}, 500],
    ['html-504', { accepted: true }, 504],
    ['empty-200', {}, 200],
  ] as const)('%s: the order is placed, the answer does not say so', async (kind, parameters, status) => {
    await on('POST', '/orders', { kind, ...parameters });
    const reply = await place();
    expect(reply.status).toBe(status);
    expect(reply.body?.orderNumber).toBeUndefined();
    expect(await ordered()).toBe(1);
  });

  it.each(['answer-lost', 'cut'] as const)('%s: the order is placed, the connection breaks', async (kind) => {
    await user.signIn();
    await on('POST', '/orders', { kind });
    await expect(place()).rejects.toThrow(/fetch failed|terminated/);
    expect(await ordered()).toBe(1);
    expect((await simulator.control.requests()).at(-1)).toMatchObject({
      method: 'POST',
      faults: [kind],
      status: null,
    });
  });

  it('cut: part of the body arrives', async () => {
    await user.signIn();
    await on('GET', '/plans', { kind: 'cut' });
    await expect(user.get('/plans')).rejects.toThrow('terminated');
  });

  it('wrong-content-type: the right bytes under a wrong name', async () => {
    await on('POST', '/token', { kind: 'wrong-content-type' });
    const reply = await user.signIn();
    expect(reply.headers.get('content-type')).toBe('text/html; charset=utf-8');
    expect(reply.body.token).toEqual(expect.any(String));
  });
});

describe('orders that do not go their way', () => {
  it('portal-confirmation: waits until confirmed, then runs', async () => {
    await on('POST', '/orders', { kind: 'portal-confirmation' });
    const { body } = await place();
    await simulator.control.advance(86_400);
    expect((await user.get(`/orders/${body.id}`)).body).toMatchObject({
      status: 'submitted',
      statusCode: 'HL',
    });
    await simulator.control.confirmOrder(body.id);
    await simulator.control.advance(100);
    expect((await user.get(`/orders/${body.id}`)).body.status).toBe('completed');
  });

  it('completed-not-effective: the order says completed, the seats are what they were', async () => {
    const { id } = (await simulator.control.buySubscription({ customerId, quantity: 4 })) as { id: string };
    const subscription = (await user.get(`/subscriptions/${id}`)).body;
    await on('POST', '/orders', { kind: 'completed-not-effective' });
    const { body } = await user.post('/orders', change(subscription, 9));
    await simulator.control.advance(100);
    expect((await user.get(`/orders/${body.id}`)).body.status).toBe('completed');
    expect((await user.get(`/subscriptions/${id}`)).body.products[0].quantity).toBe(4);
  });
});

describe('listings that lie', () => {
  it('half-listing: half the rows and a total that agrees, page after page', async () => {
    const whole = await user.get('/subscriptions?limit=500');
    await on('GET', '/subscriptions', { kind: 'half-listing', times: 2 });
    const first = await user.get('/subscriptions?limit=200');
    const second = await user.get('/subscriptions?limit=200&offset=200');
    expect([...ids(first), ...ids(second)]).toEqual(ids(whole).slice(0, 350));
    expect(second.body.pagination).toEqual({ offset: 200, limit: 200, total: 350 });
  });

  it('repeat-page: the page before, under the offset asked for', async () => {
    const first = await user.get('/customers?limit=20');
    await on('GET', '/customers', { kind: 'repeat-page' });
    const second = await user.get('/customers?limit=20&offset=20');
    expect(ids(second)).toEqual(ids(first));
    expect(second.body.pagination.offset).toBe(20);
  });

  it.each([
    ['customers', 5],
    ['subscriptions', 5],
  ])(
    'shift-rows: after a page of %s new ones push an old one into the next page',
    async (resource, insert) => {
      await on('GET', `/${resource}`, { kind: 'shift-rows', insert });
      const first = await user.get(`/${resource}?limit=20`);
      const second = await user.get(`/${resource}?limit=20&offset=20`);
      expect(ids(second).slice(0, insert)).toEqual(ids(first).slice(-insert));
      expect(second.body.pagination.total).toBe(first.body.pagination.total + insert);
    },
  );

  it('shift-rows: rows that go from the front make others be missed', async () => {
    const whole = ids(await user.get('/customers?limit=40'));
    await on('GET', '/customers', { kind: 'shift-rows', remove: 3 });
    const first = await user.get('/customers?limit=20');
    const second = await user.get('/customers?limit=20&offset=20');
    expect(whole.filter((id) => !ids(first).includes(id) && !ids(second).includes(id))).toEqual(
      whole.slice(20, 23),
    );
  });
});
