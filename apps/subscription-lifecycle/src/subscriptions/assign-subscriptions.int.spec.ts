import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

const list = async (query: string): Promise<string[]> =>
  (await lifecycle.call('GET', `/v1/subscriptions?limit=100&${query}`)).body.data.map(({ id }: Json) => id);
const assign = (body: object, as = {}) =>
  lifecycle.call('POST', '/v1/subscriptions/assignments', body, {}, as);
const read = async (id: string) => (await lifecycle.call('GET', `/v1/subscriptions/${id}`)).body;
const eventsOf = async (id: string) =>
  (await lifecycle.said()).filter(({ data }) => data.subscriptionId === id && data.changed);

async function customer() {
  const cmpAccountId = randomUUID().slice(0, 8);
  const tenantAccountId = `T${cmpAccountId}`;
  const providerAccountId = await cmp.account(cmpAccountId, tenantAccountId);
  const account = { cmpAccountId, providerAccountId };
  return { account, tenantAccountId, providerAccountId, contract: await cmp.contract(tenantAccountId) };
}

describe('a list of subscriptions', () => {
  it('has live ones only, unless ended ones or a status are asked for', async () => {
    const { account, providerAccountId } = await customer();
    const of = `providerAccountId=${providerAccountId}`;
    const live = [await cmp.subscription(account), await cmp.subscription({ ...account, status: 'hold' })];
    const ended = [
      await cmp.subscription({ ...account, status: 'terminated' }),
      await cmp.subscription(account),
    ];
    await cmp.subscriptionEnded(ended[1]!, 2, { ...account, status: 'active', reason: 'no-longer-listed' });
    expect((await list(of)).toSorted()).toEqual(live.toSorted());
    expect((await list(`${of}&ended=exclude`)).toSorted()).toEqual(live.toSorted());
    expect((await list(`${of}&ended=only`)).toSorted()).toEqual(ended.toSorted());
    expect((await list(`${of}&ended=include`)).toSorted()).toEqual([...live, ...ended].toSorted());
    expect(await list(`${of}&status=terminated`)).toEqual([ended[0]]);
    expect(await list(`${of}&status=no-longer-listed`)).toEqual([ended[1]]);
    expect(await list(`${of}&status=terminated&ended=exclude`)).toEqual([]);
  });

  it('can be narrowed to those on a contract, or on none', async () => {
    const { account, providerAccountId, contract } = await customer();
    const [on, off] = [await cmp.subscription(account), await cmp.subscription(account)];
    await assign({ subscriptionIds: [on], billingContractId: contract });
    const of = `providerAccountId=${providerAccountId}`;
    expect([await list(`${of}&assigned=true`), await list(`${of}&assigned=false`)]).toEqual([[on], [off]]);
    for (const bad of ['assigned=maybe', 'ended=yes', 'ended=true', 'assigned='])
      expect((await lifecycle.call('GET', `/v1/subscriptions?${bad}`)).status).toBe(400);
  });
});

describe('assigning many', () => {
  it('tells of each what became of it; what is refused keeps nothing else back; again, it changes nothing', async () => {
    const { account, contract } = await customer();
    const other = await customer();
    const ids = [await cmp.subscription(account), await cmp.subscription(account)];
    const foreign = await cmp.subscription(other.account);
    const nowhere = randomUUID();
    const body = { subscriptionIds: [nowhere, ...ids, foreign], billingContractId: contract };
    const { status, body: first } = await assign(body);
    expect(status).toBe(200);
    expect(first).toMatchObject({ assigned: 2, unassigned: 0, unchanged: 0, refused: 2, nextCursor: null });
    expect(first.results.map(({ subscriptionId }: Json) => subscriptionId)).toEqual(body.subscriptionIds);
    expect(first.results).toMatchObject([
      { outcome: 'refused', code: 'subscription.not-found', nextStep: expect.any(String) },
      { outcome: 'assigned', version: 2 },
      { outcome: 'assigned', version: 2 },
      { outcome: 'refused', code: 'subscription.contract-not-of-account', version: 1 },
    ]);
    expect((await read(ids[0]!)).billingContractId).toBe(contract);
    expect((await read(foreign)).billingContractId).toBeNull();
    expect((await eventsOf(ids[0]!)).map(({ data }) => data)).toMatchObject([
      {
        source: 'person',
        billingContractId: contract,
        changes: [{ field: 'billingContractId', to: contract }],
      },
    ]);
    const again = await assign(body);
    expect(again.body).toMatchObject({ assigned: 0, unchanged: 2, refused: 2 });
    expect(await eventsOf(ids[0]!)).toHaveLength(1);
    const taken = await assign({ subscriptionIds: ids, billingContractId: null });
    expect(taken.body).toMatchObject({ unassigned: 2, results: [{ outcome: 'unassigned', version: 3 }, {}] });
    expect(await read(ids[0]!)).toMatchObject({ billingContractId: null, assignment: 'manual' });
  });

  it('takes what a filter finds, with a cursor for the rest, and is by hand from then on', async () => {
    const { account, providerAccountId, tenantAccountId, contract } = await customer();
    const ids = [await cmp.subscription(account), await cmp.subscription(account)];
    const ended = await cmp.subscription({ ...account, status: 'terminated' });
    const filter = { providerAccountId, assigned: 'false' };
    const { body } = await assign({ filter, billingContractId: contract });
    expect(body).toMatchObject({ assigned: 2, refused: 0, nextCursor: null });
    expect(body.results.map(({ subscriptionId }: Json) => subscriptionId)).toEqual(ids.toSorted());
    expect((await read(ended)).billingContractId).toBeNull();
    expect((await assign({ filter, billingContractId: contract })).body.results).toEqual([]);
    await assign({ filter: { billingContractId: contract }, billingContractId: null });
    await cmp.contract(tenantAccountId, true);
    expect((await read(ids[0]!)).billingContractId).toBeNull();
  });

  it('follows a filter page by page, each subscription once', async () => {
    const { account, providerAccountId, contract } = await customer();
    await lifecycle.pool.query(
      `insert into subscriptions (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, provider_account_id, name, status, state)
       select gen_random_uuid(), tenant_id, connector_id, 'n' || n, cmp_account_id, provider_account_id, name, status, state
       from subscriptions, generate_series(1, 1200) n where id = $1`,
      [await cmp.subscription(account)],
    );
    const seen = new Set<string>();
    let cursor: string | undefined;
    do {
      const { body } = await assign({ filter: { providerAccountId }, billingContractId: contract, cursor });
      for (const { subscriptionId } of body.results) seen.add(subscriptionId);
      cursor = body.nextCursor ?? undefined;
    } while (cursor);
    expect(seen.size).toBe(1201);
    const { rows } = await lifecycle.pool.query(
      'select count(*)::int as n from subscriptions where billing_contract_id = $1',
      [contract],
    );
    expect(rows[0].n).toBe(1201);
  });

  it.each([
    ['neither ids nor filter', { billingContractId: null }],
    ['both', { billingContractId: null, subscriptionIds: [randomUUID()], filter: { ended: 'include' } }],
    ['a filter that narrows nothing', { billingContractId: null, filter: {} }],
    ['no filter at all', { billingContractId: null, filter: null }],
    ['a filter by nothing', { billingContractId: null, filter: { providerAccountId: null } }],
    ['no ids', { billingContractId: null, subscriptionIds: [] }],
    ['an id twice', { billingContractId: null, subscriptionIds: Array(2).fill(randomUUID()) }],
    ['what is no id', { billingContractId: null, subscriptionIds: ['x'] }],
    [
      'too many',
      { billingContractId: null, subscriptionIds: Array.from({ length: 1001 }, () => randomUUID()) },
    ],
    ['no contract', { subscriptionIds: [randomUUID()] }],
    ['a contract that is no id', { billingContractId: '', subscriptionIds: [randomUUID()] }],
    ['a broken cursor', { billingContractId: null, filter: { ended: 'include' }, cursor: 'x' }],
    ['a list', []],
  ])('is refused with %s', async (_, body) => {
    expect((await assign(body)).status).toBe(400);
  });

  it('is for operators, and of their own tenant', async () => {
    const { account, contract } = await customer();
    const id = await cmp.subscription(account);
    const body = { subscriptionIds: [id.toUpperCase()], billingContractId: contract };
    expect((await assign(body, { roles: ['viewer'] })).status).toBe(403);
    const stranger = await assign(body, { tenant: randomUUID() });
    expect(stranger.body.results).toMatchObject([{ outcome: 'refused', code: 'subscription.not-found' }]);
    expect((await assign(body)).body.assigned).toBe(1);
  });
});
