import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../../test/lifecycle.fixture.ts';
import { daysAgo, legacy, mirrored } from '../../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

const get = (path: string, as = {}) => lifecycle.call('GET', `/v1/subscriptions/${path}`, undefined, {}, as);
const month = { type: 'month', duration: 1 } as const;
const year = { type: 'year', duration: 1 } as const;
const line = (seats: number, amount?: string, mpn = 'CFQ7TTC0LH16:0001') => ({
  ...{ mpn, vendor: 'MICROSOFT', productId: 'P1', name: 'Basic', quantity: seats },
  ...(amount && { unitPrice: { amount, currency: 'USD' } }),
});

describe('the windows of all subscriptions', () => {
  it('are those that are open, the next one to close first', async () => {
    const bought = (days: number, more = {}) =>
      cmp.subscription({ creationDate: daysAgo(days), term: year, asOf: daysAgo(0), ...more });
    const [soon, late] = [await bought(6), await bought(2, { name: 'Late' })];
    // Closed, of an ended subscription, and of a product without windows.
    await bought(9);
    await bought(3, { status: 'terminated' });
    await bought(3, { lines: [line(4, undefined, legacy)] });
    const own = [soon, late];
    const { body } = await get('windows');
    const found = body.filter(({ subscriptionId }: Json) => own.includes(subscriptionId));
    expect(body).toHaveLength(found.length);
    expect(found).toMatchObject([
      { subscriptionId: soon, seats: 10, line: null, connectorId: lifecycle.connectorId },
      { subscriptionId: late, seats: 10, name: 'Late' },
    ]);
    const [{ seatLots }, window] = [(await get(late)).body, found[1]];
    expect(seatLots).toEqual([{ seats: 10, addedAt: window.addedAt, reducibleUntil: window.reducibleUntil }]);
    const before = encodeURIComponent(found[1].reducibleUntil);
    expect((await get(`windows?closingBefore=${before}`)).body).toEqual([found[0]]);
    expect((await get(`windows?connectorId=${randomUUID()}`)).body).toEqual([]);
    expect((await get('windows', { tenant: randomUUID() })).body).toEqual([]);
    expect((await get('windows?closingBefore=soon')).status).toBe(400);
  });
});

describe('the totals of billing contracts', () => {
  it('count live subscriptions and seats, and sum what they cost a month, each currency for itself', async () => {
    const account = { cmpAccountId: '77', providerAccountId: await cmp.account('77', 'T77') };
    const [contract, empty] = [await cmp.contract('T77'), await cmp.contract('T77')];
    const subscriptionIds = [
      await cmp.subscription({ ...account, lines: [line(3, '10.00')], billingPeriod: month } as never),
      // 100 / 12 is 8.33 a month.
      await cmp.subscription({ ...account, lines: [line(1, '100.00')], billingPeriod: year } as never),
      await cmp.subscription({ ...account, lines: [line(5)], billingPeriod: month } as never),
      await cmp.subscription({ ...account, lines: [line(5, '1.00')], status: 'terminated' } as never),
    ];
    const assign = (more: object) =>
      lifecycle.call('POST', '/v1/subscriptions/assignments', {
        ...{ billingContractId: contract, subscriptionIds, ...more },
      });
    const of = `billingContractId=${contract}&billingContractId=${empty}`;
    const nothing = { subscriptions: 0, seats: 0, monthlyTotals: [], withoutPrice: 0 };

    const tried = (await assign({ dryRun: true })).body;
    expect(tried).toMatchObject({ dryRun: true, assigned: 4, refused: 0 });
    expect((await get(`contract-totals?${of}`)).body).toEqual([
      { billingContractId: contract, ...nothing },
      { billingContractId: empty, ...nothing },
    ]);
    const made = (await assign({})).body;
    expect(made.results.map(({ outcome }: Json) => outcome)).toEqual(
      tried.results.map(({ outcome }: Json) => outcome),
    );
    expect((await get(`contract-totals?${of}`)).body).toEqual([
      {
        ...{ billingContractId: contract, subscriptions: 3, seats: 9, withoutPrice: 1 },
        monthlyTotals: [{ amount: '38.33', currency: 'USD' }],
      },
      { billingContractId: empty, ...nothing },
    ]);
    expect((await get(`contract-totals?${of}`, { tenant: randomUUID() })).body[0]).toMatchObject(nothing);
    for (const bad of ['', '?billingContractId=x'])
      expect((await get(`contract-totals${bad}`)).status).toBe(400);
  });
});

it('a dry run of assignments tells nobody, and writes neither history nor an audit entry', async () => {
  const account = { cmpAccountId: '78', providerAccountId: await cmp.account('78', 'T78') };
  const [id, contract] = [await cmp.subscription(account), await cmp.contract('T78')];
  const counts = async () =>
    (
      await lifecycle.pool.query(
        `select (select count(*) from outbox) as events, (select count(*) from audit_entries) as audit,
           (select count(*) from subscription_history) as history`,
      )
    ).rows[0];
  const before = await counts();
  const body = { billingContractId: contract, subscriptionIds: [id], dryRun: true };
  expect((await lifecycle.call('POST', '/v1/subscriptions/assignments', body)).body.assigned).toBe(1);
  expect(await counts()).toEqual(before);
});
