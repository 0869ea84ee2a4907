import { randomUUID } from 'node:crypto';
import { daysAgo } from '../../test/mirror.fixture.ts';
import { premium, runQuoting } from '../../test/neighbours.fixture.ts';
import { MikroORM } from '@mikro-orm/postgresql';
import { pruneQuotes } from './quotes.store.ts';

const minute = 60_000;
let quoting: Awaited<ReturnType<typeof runQuoting>>;
beforeAll(async () => {
  quoting = await runQuoting();
});
afterAll(() => quoting?.stop());
afterEach(() => control().clearFaults());

const control = () => quoting.simulator.control;
const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');

describe('a quote', () => {
  it('of a purchase tells its line, what CMP and we make of the price, and its window; nothing is ordered', async () => {
    const before = (await control().ledger()).length;
    const quoted = await quoting.quote(quoting.purchase());
    expect(quoted.status).toBe(201);
    const { body } = quoted;
    expect(body).toMatchObject({
      lines: [
        {
          mpn: premium,
          seatsBefore: 0,
          seatsAfter: 5,
          unitPrice: { amount: '22.00' },
          extendedPrice: { amount: '110.00' },
          addedByCmp: false,
        },
      ],
      chargedAt: 'now',
      total: { amount: '110.00', currency: 'USD' },
      estimate: { amount: '110.00', currency: 'USD' },
      cmp: { answer: 'estimated', total: { amount: '110.00' }, lines: [{ mpn: premium, quantity: 5 }] },
      effects: [{ code: 'opens-window', seats: 5 }],
      warnings: [],
      refused: null,
    });
    expect(Date.parse(body.effects[0].at) - Date.now()).toBeLessThanOrEqual(168 * 60 * minute);
    expect(Date.parse(body.expiresAt) - Date.parse(body.createdAt)).toBe(60 * minute);
    expect((await quoting.call('GET', quoted.headers.get('location')!)).body).toEqual(body);
    expect(await control().ledger()).toHaveLength(before);
  });

  it('of a change, a refund and a renewal says what they cost and do; ours agrees with what CMP estimates', async () => {
    const subscriptionId = await quoting.bought(10);
    const more = await quoting.quote({ kind: 'change-quantity', subscriptionId, seats: 15 });
    expect(more.body).toMatchObject({
      lines: [{ seatsBefore: 10, seatsAfter: 15, extendedPrice: { amount: '330.00' } }],
      total: { amount: '110.00' },
      effects: [{ code: 'opens-lot', seats: 5 }],
    });
    const less = await quoting.quote({ kind: 'change-quantity', subscriptionId, seats: 4 });
    expect(less.body).toMatchObject({
      cmp: { answer: 'estimated' },
      effects: [{ code: 'takes-from-lots', seats: 3 }],
    });
    expect(less.body.total.amount).toMatch(/^-1\d\d\.\d\d$/);
    const gone = await quoting.quote({ kind: 'cancel', subscriptionId });
    expect(gone.body).toMatchObject({
      lines: [{ seatsBefore: 10, seatsAfter: 0 }],
      effects: [{ code: 'window-closes' }, { code: 'ends-at-once' }],
    });
    for (const { body } of [more, gone]) expect(body.estimate).toEqual(body.cmp.total);
    const later = await quoting.quote({ kind: 'change-quantity', subscriptionId, seats: 4, when: 'renewal' });
    expect(later.body).toMatchObject({
      chargedAt: 'renewal',
      total: { amount: '88.00' },
      estimate: { amount: '88.00' },
      effects: [{ code: 'at-renewal', seats: 4 }],
    });
    const kept = await quoting.quote({ kind: 'renewal-setting', subscriptionId, autoRenew: false });
    expect(kept.body).toMatchObject({
      cmp: { answer: 'not-requested' },
      total: { amount: '0.00' },
      effects: [{ code: 'ends-with-term' }, { code: 'extended-term' }],
    });
  });

  it('names the products that CMP adds', async () => {
    const { body } = await quoting.quote(quoting.addOn(3));
    expect(body.lines).toMatchObject([
      { mpn: 'ACR-CP-100G', seatsAfter: 3, addedByCmp: false },
      { mpn: 'ACR-CP-STD', seatsAfter: 1, addedByCmp: true, extendedPrice: { amount: '4.50' } },
    ]);
    expect(body.total).toEqual({ amount: '13.80', currency: 'USD' });
  });

  it('has our estimate alone, and says so, when CMP cannot be asked', async () => {
    await control().fault({ kind: 'error', operation: 'estimate', times: 10 } as never);
    const { body } = await quoting.quote(quoting.purchase());
    expect(body).toMatchObject({
      cmp: {
        answer: 'away',
        total: null,
        reason: { nextStep: expect.stringContaining('Quote again later') },
      },
      total: { amount: '110.00' },
      refused: null,
    });
  });

  it.each([
    [
      'a legacy update',
      { kind: 'change-quantity', seats: 12 },
      { mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501c' },
    ],
    ['an upgrade', { kind: 'upgrade' }, {}],
    ['a migration', { kind: 'migrate' }, {}],
    ['Azure', { kind: 'change-quantity', seats: 2 }, { mpn: 'MS-AZR-0145P' }],
    ['a late cancellation', { kind: 'cancel' }, {}],
    ['a late decrease', { kind: 'change-quantity', seats: 2 }, {}],
  ])(
    'of %s says why it would be refused and what to do instead, as the order does, without a call',
    async (_, body, more) => {
      const subscriptionId = await quoting.mirror.subscription(more);
      await control().clearRequests();
      const command = { ...body, subscriptionId };
      const [quoted, ordered] = [await quoting.quote(command), await quoting.place(command)];
      expect(quoted).toMatchObject({ status: 201, body: { lines: [], total: null } });
      expect(`order.${quoted.body.refused.code}`).toBe(codeOf(ordered as never));
      expect(quoted.body.refused).toMatchObject({
        detail: ordered.body.detail,
        nextStep: ordered.body.nextStep,
      });
      expect(await control().requests()).toEqual([]);
    },
  );

  it.each([
    ['a trial of new commerce', { name: 'Business Premium (Trial)' }, 'trial-not-supported'],
    [
      'a legacy trial',
      { mpn: 'bd938f12-058f-4927-bba3-ae36b1d2501d', name: 'E3 Trial' },
      'trial-not-supported',
    ],
    ['an Azure plan', { mpn: 'DZH318Z0BPS6:0001', name: 'Azure plan' }, 'azure-not-supported'],
  ] as [string, { mpn?: string; name: string }, string][])(
    'of %s is refused as its order is, without a call',
    async (name, more, code) => {
      const vendor = name.replaceAll(' ', '-');
      quoting.catalogue.push({ ...quoting.product, ...more, vendor });
      await control().clearRequests();
      const mpn = more.mpn ?? quoting.product.mpn;
      const command = { ...quoting.purchase(), partNumber: `INGRAM:${vendor}:${mpn}`, parameters: [] };
      expect((await quoting.quote(command)).body.refused.code).toBe(code);
      expect(codeOf((await quoting.place(command)) as never)).toBe(`order.${code}`);
      expect(await control().requests()).toEqual([]);
    },
  );

  it('of too large a decrease offers what can go now, until when, and what to schedule', async () => {
    const subscriptionId = await quoting.mirror.subscription();
    await quoting.mirror.order(subscriptionId, daysAgo(1), { seats: 4 });
    await quoting.mirror.subscriptionChanged(subscriptionId, 2, {
      seats: 14,
      asOf: new Date().toISOString(),
    });
    const { refused } = (await quoting.quote({ kind: 'change-quantity', subscriptionId, seats: 7 })).body;
    expect(refused).toMatchObject({
      code: 'decrease-outside-window',
      offer: { seatsNow: 4, until: expect.stringMatching(/Z$/), atRenewal: 7 },
    });
    const ordered = await quoting.place({ kind: 'change-quantity', subscriptionId, seats: 7 });
    expect(ordered).toMatchObject({ status: 422, body: { offer: refused.offer } });
  });

  it('of fewer seats than the product can be had with says how many can go, or to cancel; of more, how many there can be', async () => {
    const subscriptionId = await quoting.bought(120);
    const listed = quoting.catalogue.find(({ id }) => id === quoting.product.id)!;
    const { minimumQuantity, maximumQuantity } = listed;
    Object.assign(listed, { minimumQuantity: 100, maximumQuantity: 130 });
    try {
      await control().clearRequests();
      const change = { kind: 'change-quantity', subscriptionId };
      const { refused } = (await quoting.quote({ ...change, seats: 50 })).body;
      expect(refused).toMatchObject({
        code: 'quantity-out-of-range',
        detail: expect.stringContaining('at least 100 and at most 130 seats, not with 50'),
        nextStep: 'Decrease by 20 seats, or cancel the subscription.',
        offer: { seatsNow: 20, until: expect.stringMatching(/Z$/), atRenewal: 100 },
      });
      const ordered = await quoting.place({ ...change, seats: 50 });
      expect(ordered).toMatchObject({ status: 422, body: { offer: refused.offer } });
      expect((await quoting.place({ ...change, seats: 131 })).body.offer).toEqual({ maximum: 130 });
      const later = { ...change, seats: 99, when: 'renewal' };
      expect((await quoting.place(later)).body.offer).toEqual({ atRenewal: 100 });
      const planned = { kind: 'change-quantity', subscriptionId, seats: 60, at: 'renewal' };
      const plan = await quoting.call('POST', '/v1/scheduled-changes', planned, {
        'idempotency-key': randomUUID(),
      });
      expect(plan).toMatchObject({
        status: 422,
        body: { nextStep: expect.stringContaining('Schedule 100 seats or more') },
      });
      const options = (await quoting.call('GET', `/v1/subscriptions/${subscriptionId}/options`)).body;
      expect(options.decrease).toMatchObject({ allowed: true, seats: 20 });
      expect(await control().requests()).toEqual([]);
      expect((await quoting.place({ ...change, seats: 100 })).status).toBe(202);
    } finally {
      Object.assign(listed, { minimumQuantity, maximumQuantity });
    }
  });

  it('says all that is wrong with the parameters of a purchase, as the order does, without a call', async () => {
    await control().clearRequests();
    const parameters = [
      { name: 'tenant_preference', value: 'new' },
      { name: 'microsoft_domain', value: 'fabrikam' },
      { name: 'agreement_date', value: '2026-01-31' },
    ];
    const [quoted, ordered] = [
      await quoting.quote({ ...quoting.purchase(), parameters }),
      await quoting.place({ ...quoting.purchase(), parameters }),
    ];
    expect(codeOf(ordered as never)).toBe('order.tenant-parameters-refused');
    expect(ordered.status).toBe(422);
    expect(ordered.body.errors).toHaveLength(6);
    expect(quoted.body.refused).toMatchObject({
      code: 'tenant-parameters-refused',
      errors: ordered.body.errors,
    });
    expect(await control().requests()).toEqual([]);
  });

  it('tells what CMP itself refuses', async () => {
    const { body } = await quoting.quote({
      ...quoting.purchase(),
      parameters: [{ name: 'microsoft_domain', value: 'unknown1.onmicrosoft.com' }],
    });
    expect(body.refused).toMatchObject({
      code: 'parameters-refused',
      detail: expect.stringContaining('microsoft_domain'),
    });
  });

  it('is of its tenant alone, asked by operators, read by viewers, deleted a day after it has expired', async () => {
    const { body } = await quoting.quote(quoting.purchase());
    const path = `/v1/quotes/${body.id}`;
    const as = (more: object) => quoting.call('GET', path, undefined, {}, more as never);
    expect((await as({ tenant: randomUUID() })).status).toBe(404);
    expect((await as({ roles: ['viewer'] })).status).toBe(200);
    const viewer = await quoting.call('POST', '/v1/quotes', quoting.purchase(), {}, {
      roles: ['viewer'],
    } as never);
    expect(viewer.status).toBe(403);
    const age = (interval: string) =>
      quoting.pool.query(`update quotes set expires_at = now() - $2::interval where id = $1`, [
        body.id,
        interval,
      ]);
    await age('23 hours');
    expect(await pruneQuotes(quoting.service.get(MikroORM).em.fork())).toBe(0);
    await age('25 hours');
    expect(await pruneQuotes(quoting.service.get(MikroORM).em.fork())).toBe(1);
    expect(codeOf((await as({})) as never)).toBe('quote.not-found');
  });
});

describe('of a subscription in an unusual form', () => {
  const line = (more: object = {}) => [
    { mpn: premium, vendor: 'MICROSOFT', productId: 'P1', name: 'Premium', quantity: 10, ...more },
  ];

  it.each([
    [
      'a period of no length',
      { billingPeriod: { type: 'month', duration: 0 }, term: { type: 'year', duration: 0 } },
    ],
    [
      'half a period',
      { billingPeriod: { type: 'month', duration: 1.5 }, term: { type: 'month', duration: 1.5 } },
    ],
    ['a period of no known kind', { billingPeriod: { type: 'unknown', duration: 0 }, term: undefined }],
    ['days at the edge of the calendar', { creationDate: '0001-01-01', renewalDate: '9999-12-31' }],
    ['seats that are no whole number', { lines: line({ quantity: 12.5 }) }],
    [
      'a price in a currency that is history',
      { lines: line({ unitPrice: { amount: '22.00', currency: 'HRK' } }) },
    ],
    [
      'a price of many digits',
      { lines: line({ unitPrice: { amount: '123456789012345.12345678901234567890', currency: 'USD' } }) },
    ],
  ])(
    'such as %s, every view answers, and a quote has no estimate that nobody can reckon',
    async (what, more) => {
      const id = await quoting.mirror.subscription({ lines: line(), ...more } as never);
      for (const path of ['', '/options', '/history'])
        expect((await quoting.call('GET', `/v1/subscriptions/${id}${path}`)).status).toBe(200);
      for (const command of [
        { kind: 'change-quantity', subscriptionId: id, seats: 12 },
        { kind: 'cancel', subscriptionId: id },
        { kind: 'renewal-setting', subscriptionId: id, autoRenew: false },
      ]) {
        const { status, body } = await quoting.quote(command);
        expect([what, command.kind, status]).toEqual([what, command.kind, 201]);
        if (what.includes('period') && command.kind !== 'renewal-setting') expect(body.estimate).toBeNull();
      }
    },
  );
});

it('an account that was just listed can be quoted and ordered for before its event has come; what its owner has not, or has no more, is 404', async () => {
  const { records } = await quoting.cmp.customers.page({ limit: 2 });
  const cmpAccountId = records.flatMap((record) => (record.ok ? [record.value.id] : []))[1]!;
  const [providerAccountId, gone] = [randomUUID(), randomUUID()];
  const account = {
    providerAccountId,
    connectorId: randomUUID(),
    cmpAccountId,
    name: 'Just listed',
    status: 'active',
    asOf: new Date().toISOString(),
  };
  const order = { ...quoting.purchase(), providerAccountId };
  expect((await quoting.place(order)).status).toBe(404);
  const give = (id: string, more: object = {}, tenantId = quoting.tenantId) =>
    quoting.accountsAtOwner.set(`${tenantId} ${id}`, { ...account, providerAccountId: id, ...more });
  give(providerAccountId, {}, randomUUID());
  expect((await quoting.place(order)).status).toBe(404);
  give(gone, { goneAt: account.asOf });
  expect((await quoting.place({ ...order, providerAccountId: gone })).status).toBe(404);

  give(providerAccountId);
  expect((await quoting.quote(order)).body).toMatchObject({ refused: null, total: { amount: '110.00' } });
  expect((await quoting.place(order)).status).toBe(202);
});
