import { randomUUID } from 'node:crypto';
import { type Json, type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { mirrored } from '../../test/mirror.fixture.ts';
import { SubscriptionChanges } from '../subscriptions/subscription-changes.store.ts';

let lifecycle: Lifecycle;
let cmp: ReturnType<typeof mirrored>;
beforeAll(async () => {
  lifecycle = await runLifecycle();
  cmp = mirrored(lifecycle);
});
afterAll(() => lifecycle.stop());

const call = (...given: Parameters<Lifecycle['call']>) => lifecycle.call(...given);
const read = async (id: string) => (await call('GET', `/v1/subscriptions/${id}`)).body;
const history = async (id: string): Promise<Json[]> =>
  (await call('GET', `/v1/subscriptions/${id}/history`)).body.data;
const patch = async (id: string, body: object) =>
  call('PATCH', `/v1/subscriptions/${id}`, body, { 'if-match': `"${(await read(id)).version}"` });
const eventsOf = async (id: string): Promise<{ name: string; data: Json }[]> =>
  (await lifecycle.said())
    .filter(({ data }) => data.subscriptionId === id && !data.orderId && !data.scheduledChangeId)
    .map(({ subject, data }) => ({ name: subject.split('.')[1], data }));
const namesOf = async (id: string) => (await eventsOf(id)).map(({ name }) => name);
const contractOf = async (id: string) => (await read(id)).billingContractId;

/** Two customers of CMP, each linked, with a default contract. */
async function twoCustomers() {
  const [from, to] = [randomUUID().slice(0, 8), randomUUID().slice(0, 8)];
  return {
    from: { cmpAccountId: from, providerAccountId: await cmp.account(from, `T${from}`, 'Old Ltd') },
    to: { cmpAccountId: to, providerAccountId: await cmp.account(to, `T${to}`, 'New GmbH') },
    fromContract: await cmp.contract(`T${from}`, true),
    toContract: await cmp.contract(`T${to}`, true),
  };
}

describe('a subscription of another connector, whose CMP numbers its customers alike', () => {
  it('waits for the account of its own connector, whichever of the two comes first', async () => {
    const other = mirrored({ ...lifecycle, connectorId: randomUUID() });
    const cmpAccountId = randomUUID().slice(0, 8);
    const before = await other.subscription({ cmpAccountId });
    await cmp.account(cmpAccountId, `T${cmpAccountId}`);
    await cmp.contract(`T${cmpAccountId}`, true);
    const after = await other.subscription({ cmpAccountId });
    const waiting = { providerAccountId: null, accountName: null, billingContractId: null };
    for (const id of [before, after]) expect(await read(id)).toMatchObject(waiting);
    const providerAccountId = await other.accountAppears(cmpAccountId, { name: 'Own Ltd' });
    const found = { providerAccountId, accountName: 'Own Ltd', billingContractId: null };
    for (const id of [before, after]) expect(await read(id)).toMatchObject(found);
  });
});

describe('a subscription that CMP lists under another customer', () => {
  it('moves there, with event and history, and stays unassigned until a person assigns it', async () => {
    const { from, to, fromContract, toContract } = await twoCustomers();
    const id = await cmp.subscription(from);
    expect(await contractOf(id)).toBe(fromContract);
    await cmp.subscriptionChanged(id, 2, to);
    expect(await read(id)).toMatchObject({ ...to, billingContractId: null, accountName: 'New GmbH' });
    expect((await eventsOf(id)).at(-1)).toMatchObject({
      name: 'subscription-transferred',
      data: {
        cmpAccountId: to.cmpAccountId,
        providerAccountId: to.providerAccountId,
        accountName: 'New GmbH',
        fromCmpAccountId: from.cmpAccountId,
        fromProviderAccountId: from.providerAccountId,
        fromBillingContractId: fromContract,
      },
    });
    expect((await history(id))[0]).toMatchObject({
      source: 'cmp',
      changes: [
        { fact: 'account', from: from.cmpAccountId, to: to.cmpAccountId },
        { fact: 'billingContractId', from: fromContract, to: null },
      ],
    });
    // Nothing but a person assigns it.
    await cmp.subscriptionChanged(id, 3, { ...to, seats: 11 });
    await cmp.contract(`T${to.cmpAccountId}`);
    await cmp.link(to.providerAccountId, `T${to.cmpAccountId}`, 2);
    expect(await contractOf(id)).toBeNull();
    expect((await patch(id, { billingContractId: fromContract })).status).toBe(422);
    expect((await patch(id, { billingContractId: toContract })).body.billingContractId).toBe(toContract);
  });

  it('moves back, and on, each time with its event; what changed with it is told too', async () => {
    const { from, to, fromContract } = await twoCustomers();
    const id = await cmp.subscription(from);
    await cmp.subscriptionChanged(id, 2, { ...to, seats: 12 });
    await cmp.subscriptionChanged(id, 3, { ...from, seats: 12 });
    await cmp.subscriptionChanged(id, 4, { ...from, seats: 12, name: 'Renamed' });
    expect(await read(id)).toMatchObject({ ...from, billingContractId: null });
    expect(await namesOf(id)).toEqual([
      'subscription-created',
      'subscription-transferred',
      'subscription-changed',
      'subscription-transferred',
      'subscription-changed',
    ]);
    const versions = (
      await lifecycle.pool.query('select aggregate_version::int as v from outbox where aggregate_id = $1', [
        id,
      ])
    ).rows.map(({ v }) => v);
    expect(versions).toEqual([...new Set(versions)].toSorted((a, b) => a - b));
    expect((await patch(id, { billingContractId: fromContract })).body.billingContractId).toBe(fromContract);
  });

  it('moves to an account that is not known yet, and belongs to it once that appears', async () => {
    const { from } = await twoCustomers();
    const id = await cmp.subscription(from);
    const later = randomUUID().slice(0, 8);
    await cmp.subscriptionChanged(id, 2, { cmpAccountId: later });
    expect(await read(id)).toMatchObject({ cmpAccountId: later, providerAccountId: null, accountName: null });
    expect((await eventsOf(id)).at(-1)!.data.providerAccountId).toBeUndefined();
    const providerAccountId = await cmp.account(later, `T${later}`, 'Late Ltd');
    const contract = await cmp.contract(`T${later}`, true);
    expect(await read(id)).toMatchObject({
      providerAccountId,
      billingContractId: null,
      accountName: 'Late Ltd',
    });
    expect((await patch(id, { billingContractId: contract })).status).toBe(200);
  });

  it('stays unassigned also when the news that it moved is the first to come', async () => {
    const { from, to, toContract } = await twoCustomers();
    const id = randomUUID();
    const changes = [{ field: 'cmpAccountId', from: from.cmpAccountId, to: to.cmpAccountId }];
    await cmp.subscriptionChanged(id, 2, { ...to, changes });
    await cmp.subscription(from, id);
    await cmp.subscriptionChanged(id, 3, { ...to, seats: 11 });
    await cmp.contractChanged(toContract, 2, { tenantAccountId: `T${to.cmpAccountId}`, isDefault: true });
    expect(await read(id)).toMatchObject({ ...to, billingContractId: null });
    expect((await history(id)).at(-1)).toMatchObject({
      changes: [
        { fact: 'appeared', to: 'active' },
        { fact: 'account', from: from.cmpAccountId, to: to.cmpAccountId },
      ],
    });
    expect((await patch(id, { billingContractId: toContract })).body.billingContractId).toBe(toContract);
    // What changed otherwise is no transfer.
    const other = randomUUID();
    await cmp.subscriptionChanged(other, 2, { ...to, changes: [{ field: 'name', from: 'A', to: 'B' }] });
    expect(await contractOf(other)).toBe(toContract);
  });

  it('moves also with the news of its end, and older news moves nothing', async () => {
    const { from, to } = await twoCustomers();
    const id = await cmp.subscription(from);
    await cmp.subscriptionEnded(id, 3, to);
    await cmp.subscriptionChanged(id, 2, from);
    expect(await read(id)).toMatchObject({ ...to, status: 'terminated', billingContractId: null });
    expect(await namesOf(id)).toEqual([
      'subscription-created',
      'subscription-transferred',
      'subscription-ended',
    ]);
  });

  it('takes orders for its new customer from then on', async () => {
    const { from, to } = await twoCustomers();
    const id = await cmp.subscription(from);
    await cmp.subscriptionChanged(id, 2, to);
    const headers = { 'idempotency-key': randomUUID() };
    const body = { kind: 'change-quantity', subscriptionId: id, seats: 12 };
    expect((await call('POST', '/v1/orders', body, headers)).body.cmpAccountId).toBe(to.cmpAccountId);
  });

  it('has its scheduled changes cancelled and its open orders escalated, with the reason', async () => {
    const { from, to } = await twoCustomers();
    const id = await cmp.subscription(from);
    const at = new Date(Date.now() + 86_400_000).toISOString();
    const plan = { subscriptionId: id, kind: 'change-quantity', seats: 20, at };
    const planned = await call('POST', '/v1/scheduled-changes', plan, { 'idempotency-key': randomUUID() });
    const orders: Record<string, string> = {};
    for (const status of ['planned', 'sending', 'unknown', 'accepted', 'proving', 'settled', 'refused'])
      orders[status] = await orderOf(id, from.cmpAccountId, status);
    const bystander = await cmp.subscription(from);
    orders.other = await orderOf(bystander, from.cmpAccountId, 'accepted');

    await cmp.subscriptionChanged(id, 2, to);
    const change = await call('GET', `/v1/scheduled-changes/${planned.body.id}`);
    expect(change.body).toMatchObject({ status: 'cancelled', reason: { code: 'subscription-transferred' } });
    for (const status of ['planned', 'sending', 'unknown', 'accepted', 'proving']) {
      const order = await lifecycle.read(orders[status]!);
      expect([status, order.status, order.reason?.code]).toEqual([
        status,
        'needs-attention',
        'subscription-transferred',
      ]);
      expect(order.reason!.detail).toContain(to.cmpAccountId);
    }
    expect((await lifecycle.read(orders.settled!)).status).toBe('settled');
    expect((await lifecycle.read(orders.refused!)).status).toBe('refused');
    expect((await lifecycle.read(orders.other!)).status).toBe('accepted');
    const raised = (await lifecycle.said()).filter(
      ({ subject, data }) =>
        subject.includes('order-escalated') && Object.values(orders).includes(data.orderId),
    );
    expect(raised).toHaveLength(5);
  });
});

/** An order of a subscription, as it stands after some steps. */
async function orderOf(subscriptionId: string, cmpAccountId: string, status: string): Promise<string> {
  const cmpSubscriptionId = `s${subscriptionId}`;
  const order = await lifecycle.order({ kind: 'cancel', cmpAccountId, cmpSubscriptionId });
  const more = { status, attempts: status === 'planned' ? 0 : 1 };
  await lifecycle.pool.query(
    `update orders set status = $2, subscription_id = $3, record = (record::jsonb || $4)::json, next_step_at = null
     where id = $1`,
    [order, status, subscriptionId, JSON.stringify(more)],
  );
  return order;
}

describe('the default contract', () => {
  const steps = ['link', 'contract', 'subscription'] as const;
  const orders = steps.flatMap((a) =>
    steps.filter((b) => b !== a).map((b) => [a, b, steps.find((c) => c !== a && c !== b)!] as const),
  );
  it.each(orders)('is joined by a live subscription: %s, then %s, then %s', async (...order) => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const providerAccountId = await cmp.accountAppears(cmpAccountId);
    let id = '';
    let contract = '';
    for (const step of order) {
      if (step === 'link') await cmp.link(providerAccountId, `T${cmpAccountId}`);
      if (step === 'contract') contract = await cmp.contract(`T${cmpAccountId}`, true);
      if (step === 'subscription') id = await cmp.subscription({ cmpAccountId, providerAccountId });
    }
    expect(await contractOf(id)).toBe(contract);
    const events = await eventsOf(id);
    if (order.at(-1) === 'subscription')
      return expect(events.map(({ name }) => name)).toEqual(['subscription-created']);
    expect(events.at(-1)).toMatchObject({
      name: 'subscription-changed',
      data: {
        source: 'default-contract',
        billingContractId: contract,
        changes: [{ field: 'billingContractId', to: contract }],
      },
    });
    expect((await history(id))[0]).toMatchObject({
      source: 'default-contract',
      changes: [{ fact: 'billingContractId', from: null, to: contract }],
    });
  });

  it('is joined when a contract becomes the default one later; those on another one stay there', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const tenantAccountId = `T${cmpAccountId}`;
    const account = { cmpAccountId, providerAccountId: await cmp.account(cmpAccountId, tenantAccountId) };
    const [first, second] = [await cmp.contract(tenantAccountId), await cmp.contract(tenantAccountId)];
    const id = await cmp.subscription(account);
    expect(await contractOf(id)).toBeNull();
    await cmp.contractChanged(first, 2, { tenantAccountId, isDefault: true });
    expect(await contractOf(id)).toBe(first);
    // For a moment there are two, as news may overtake each other.
    await cmp.contractChanged(second, 2, { tenantAccountId, isDefault: true });
    const between = await cmp.subscription(account);
    await cmp.contractChanged(first, 3, { tenantAccountId, isDefault: false });
    expect([await contractOf(id), await contractOf(between)]).toEqual([first, second]);
  });

  it('is not joined by what has ended, was assigned or unassigned by hand, or belongs to another account', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const tenantAccountId = `T${cmpAccountId}`;
    const account = { cmpAccountId, providerAccountId: await cmp.account(cmpAccountId, tenantAccountId) };
    const byHand = await cmp.contract(tenantAccountId);
    const ended = await cmp.subscription({ ...account, status: 'terminated' });
    const over = await cmp.subscription(account);
    await cmp.subscriptionEnded(over, 2, account);
    const assigned = await cmp.subscription(account);
    await patch(assigned, { billingContractId: byHand });
    const unassigned = await cmp.subscription(account);
    expect((await patch(unassigned, { billingContractId: null })).status).toBe(200);
    const renamed = await cmp.subscription(account);
    await patch(renamed, { friendlyName: 'Kiosk' });
    const other = await cmp.subscription({ cmpAccountId: 'x', providerAccountId: randomUUID() });
    const contract = await cmp.contract(tenantAccountId, true);
    expect(await Promise.all([ended, over, assigned, unassigned, renamed, other].map(contractOf))).toEqual([
      null,
      null,
      byHand,
      null,
      contract,
      null,
    ]);
    await cmp.subscriptionChanged(over, 3, account);
    expect(await contractOf(over)).toBe(contract);
  });

  it('is joined at the next start by what an older release had left out', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const account = { cmpAccountId, providerAccountId: await cmp.account(cmpAccountId, `T${cmpAccountId}`) };
    const contract = await cmp.contract(`T${cmpAccountId}`, true);
    const [left, ended] = [await cmp.subscription(account), await cmp.subscription(account)];
    await cmp.subscriptionEnded(ended, 2, account);
    await lifecycle.pool.query('update subscriptions set billing_contract_id = null where id = any($1)', [
      [left, ended],
    ]);
    const subscriptions = lifecycle.service.get(SubscriptionChanges);
    await Promise.all([subscriptions.joinDefaultContracts(), subscriptions.joinDefaultContracts()]);
    expect(await Promise.all([left, ended].map(contractOf))).toEqual([contract, null]);
    expect(await namesOf(left)).toEqual(['subscription-created', 'subscription-changed']);
  });

  it('is joined by many at once, and by each once', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const providerAccountId = await cmp.accountAppears(cmpAccountId);
    const ids = [];
    for (let n = 0; n < 30; n += 1) ids.push(await cmp.subscription({ cmpAccountId, providerAccountId }));
    const [contract] = await Promise.all([
      cmp.contract(`T${cmpAccountId}`, true),
      cmp.link(providerAccountId, `T${cmpAccountId}`),
      cmp.subscription({ cmpAccountId, providerAccountId }).then((id) => ids.push(id)),
    ]);
    for (const id of ids) expect(await contractOf(id)).toBe(contract);
    expect((await eventsOf(ids[0]!)).map(({ name }) => name)).toEqual([
      'subscription-created',
      'subscription-changed',
    ]);
  });

  it('stays when the account is unlinked, and is left for the one of another tenant account', async () => {
    const cmpAccountId = randomUUID().slice(0, 8);
    const account = { cmpAccountId, providerAccountId: await cmp.account(cmpAccountId, `T${cmpAccountId}`) };
    const first = await cmp.contract(`T${cmpAccountId}`, true);
    const byHand = await cmp.contract(`T${cmpAccountId}`);
    const [id, assigned, without] = [
      await cmp.subscription(account),
      await cmp.subscription(account),
      await cmp.subscription(account),
    ];
    await patch(assigned, { billingContractId: byHand });
    await patch(without, { billingContractId: null });
    await cmp.link(account.providerAccountId, null, 2);
    expect(await Promise.all([id, assigned, without].map(contractOf))).toEqual([first, byHand, null]);
    await cmp.link(account.providerAccountId, `T${cmpAccountId}`, 3);
    expect(await Promise.all([id, assigned, without].map(contractOf))).toEqual([first, byHand, null]);
    await cmp.link(account.providerAccountId, `U${cmpAccountId}`, 4);
    expect(await Promise.all([id, assigned, without].map(contractOf))).toEqual([null, null, null]);
    expect((await history(id))[0]).toMatchObject({
      source: 'account-link',
      changes: [{ fact: 'billingContractId', from: first, to: null }],
    });
    const next = await cmp.contract(`U${cmpAccountId}`, true);
    expect(await Promise.all([id, assigned, without].map(contractOf))).toEqual([next, next, null]);
  });
});
