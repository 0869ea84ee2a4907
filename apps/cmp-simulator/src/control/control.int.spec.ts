import { defaultAccounts } from '../simulator-options.ts';
import type { RunningSimulator } from '../start-simulator.ts';
import { sale } from '../../test/orders.fixture.ts';
import { CmpUser, quietSimulator, start } from '../../test/cmp-user.fixture.ts';

let simulator: RunningSimulator;
let us: CmpUser;
let uk: CmpUser;
beforeEach(async () => {
  simulator = await quietSimulator();
  us = new CmpUser(simulator);
  uk = new CmpUser(simulator, defaultAccounts[1]);
});
afterEach(() => simulator.close());

describe('accounts', () => {
  it('are told with what a connector needs, and have worlds of their own under the same numbers', async () => {
    const accounts = await simulator.control.call<object[]>('GET', '/accounts');
    expect(accounts).toMatchObject([...defaultAccounts]);
    const [here, there] = [
      (await us.get('/customers/1000100005')).body,
      (await uk.get('/customers/1000100005')).body,
    ];
    expect([here.address.countryCode, there.address.countryCode]).toEqual(['US', 'GB']);
    expect((await uk.get('/products?limit=1')).body.data[0].prices[0].currency).toBe('GBP');
    await simulator.control.addCustomers({ account: 'isthmus-uk.api', count: 2 });
    expect([
      (await us.get('/customers')).body.pagination.total,
      (await uk.get('/customers')).body.pagination.total,
    ]).toEqual([120, 122]);
    await expect(simulator.control.addCustomers({ account: 'fr' })).rejects.toThrow(
      'Known: us (isthmus-us.api), uk (isthmus-uk.api)',
    );
  });
});

describe('time', () => {
  it('stands where it was put and only goes forward', async () => {
    expect((await simulator.control.now()).toISOString()).toBe(start);
    await simulator.control.advance(3600);
    await simulator.control.moveTo(new Date('2026-04-01T00:00:00Z'));
    expect((await simulator.control.now()).toISOString()).toBe('2026-04-01T00:00:00.000Z');
    await expect(simulator.control.moveTo(new Date('2026-03-31T00:00:00Z'))).rejects.toThrow(
      'cannot go back',
    );
    await expect(simulator.control.call('POST', '/clock', { to: 'soon' })).rejects.toThrow('cannot go back');
  });

  it('begins again with another world, seed and ledger', async () => {
    const before = (await us.get('/customers?limit=500')).text;
    await us.post('/orders', sale('1000100003'));
    await simulator.control.advance(3600);
    await simulator.control.rebuild({ world: { customers: 7, subscriptions: 20 }, seed: 5 });
    expect((await simulator.control.now()).toISOString()).toBe(start);
    expect((await us.get('/customers')).body.pagination.total).toBe(7);
    expect(await simulator.control.ledger()).toEqual([]);
    await simulator.control.rebuild({ world: 'small', seed: 1 });
    expect((await us.get('/customers?limit=500')).text).toBe(before);
    await expect(simulator.control.rebuild({ world: 'huge' })).rejects.toThrow('"huge" is not a world');
  });

  it('begins again for one account only', async () => {
    await simulator.control.rebuild({ world: { customers: 7, subscriptions: 20 }, account: 'uk' });
    expect([
      (await us.get('/customers')).body.pagination.total,
      (await uk.get('/customers')).body.pagination.total,
    ]).toEqual([120, 7]);
  });
});

describe('what was seen', () => {
  it('is every call with its account and status, and never a secret', async () => {
    await us.get('/customers?limit=3');
    const calls = await simulator.control.requests();
    expect(calls).toMatchObject([
      { method: 'POST', path: '/token', status: 200, account: 'us' },
      {
        method: 'GET',
        path: '/customers',
        query: { limit: '3' },
        status: 200,
        account: 'us',
        tokenHash: expect.stringMatching(/^[0-9a-f]{16}$/),
      },
    ]);
    expect(JSON.stringify(calls)).not.toMatch(/Sim-us-password|eyJ|Basic/);
    await simulator.control.clearRequests();
    expect(await simulator.control.requests()).toEqual([]);
  });

  it('is every order that was posted, with its body and what became of it', async () => {
    const body = sale((await simulator.control.addCustomers({}))[0]!.id);
    const { body: placed } = await us.post('/orders', body);
    await simulator.control.advance(100);
    const [entry, ...rest] = await simulator.control.ledger({ account: 'us' });
    expect(rest).toEqual([]);
    expect(entry).toMatchObject({
      at: start,
      account: 'us',
      username: 'isthmus-us.api',
      body,
      orderId: placed.id,
      orderNumber: placed.orderNumber,
      status: 'completed',
      subscriptionId: expect.any(String),
      lines: [
        {
          mpn: 'CFQ7TTC0LH16:0001',
          productId: expect.stringMatching(/^PRD/),
          quantity: 5,
          term: 'P1Y',
          billingPeriod: 'P1M',
        },
      ],
    });
    expect(await simulator.control.ledger({ account: 'uk' })).toEqual([]);
  });
});

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows as they came
type Json = any;

describe('broken records', () => {
  it('come without an id, with amounts that are no numbers, with dates that are no dates, until mended', async () => {
    await simulator.control.breakRecord({ resource: 'customers', id: '1000100120', how: 'id-missing' });
    expect((await us.get('/customers?limit=2')).body.data.map(({ id }: { id?: string }) => id)).toEqual([
      undefined,
      '1000100119',
    ]);
    await simulator.control.breakRecord({
      resource: 'subscriptions',
      id: '1300500',
      how: 'amount-not-a-number',
    });
    expect((await us.get('/subscriptions/1300500')).body.totalPrice.amount).toBe('n/a');
    await simulator.control.breakRecord({ resource: 'orders', id: '2000100', how: 'dates-wrong' });
    expect(Date.parse((await us.get('/orders/2000100')).body.creationDate)).toBeNaN();
    expect((await uk.get('/customers?limit=1')).body.data[0].id).toBe('1000100120');
    await simulator.control.mendRecords();
    expect((await us.get('/customers/1000100120')).body.id).toBe('1000100120');
  });
  it.each([
    ['orders', '2000100', 'amount-exponent', (row: Json) => row.total.amount, /^(0E-8|-?\d(\.\d+)?E-?\d+)$/],
    ['orders', '*', 'amount-comma', (row: Json) => row.total.amount, /^-?\d+,\d+$/],
    ['orders', '2000100', 'year-zero', (row: Json) => row.creationDate, /^0000-01-01T/],
    [
      'subscriptions',
      '1300500',
      'quantity-fraction',
      (row: Json) => String(row.products[0].quantity),
      /\.5$/,
    ],
    ['subscriptions', '1300500', 'period-zero', (row: Json) => String(row.billingPeriod.duration), /^0$/],
    ['subscriptions', '1300500', 'far-future', (row: Json) => row.renewalDate, /^9999-12-31$/],
    ['subscriptions', '*', 'currency-old', (row: Json) => row.totalPrice.currency, /^HRK$/],
    ['customers', '1000100120', 'nul-in-name', (row: Json) => row.name, /^.{4}\u0000./],
    ['customers', '1000100120', 'half-an-emoji', (row: Json) => row.name, /\ud83d$/],
  ] as const)('are told with %s %s %s', async (resource, id, how, of, shape) => {
    await simulator.control.breakRecord({ resource, id, how });
    const read = id === '*' ? { orders: '2000100', subscriptions: '1300500', customers: '' }[resource] : id;
    expect(of((await us.get(`/${resource}/${read}`)).body)).toMatch(shape);
  });

  it('are refused in a form that nobody knows', async () => {
    const record = { resource: 'orders', id: '*', how: 'upside-down' } as never;
    await expect(simulator.control.breakRecord(record)).rejects.toThrow('Known: id-missing');
  });
});
