import type { ProviderAccountV1 } from '@isthmus/contracts';
import {
  type Answered,
  codeOf,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let account: ProviderAccountV1;
beforeAll(async () => {
  provider = await runRestProvider();
});
afterAll(() => provider?.stop());
beforeEach(() => {
  client = provider.client();
  account = provider.world.account(client.tenantId, client.connectorId, {
    customDomain: 'fabrikam.onmicrosoft.com',
  });
  Object.assign(provider.world, { ordered: [], outcome: 'settled', mirrored: true, refusal: null });
});

const five = (send: () => Promise<Answered>) => Promise.all(Array.from({ length: 5 }, send));
const read = (id: string) =>
  client.call('GET', `/customers/${account.providerAccountId}/subscriptions/${id}`);

describe('a change', () => {
  const patch = (id: string, more: object) => client.call('PATCH', '/subscriptions', { id, ...more });

  it('sent 5 times at once and again later is ordered once, and answers the subscription after it', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    const change = () => patch(id, { quantity: 12, autoRenew: false, friendlyName: 'Sales' });
    const answers = [...(await five(change)), await change()];
    for (const { body } of answers)
      expect(body).toMatchObject({ id, quantity: 12, autoRenew: false, friendlyName: 'Sales', status: 1 });
    expect(provider.world.ordered.map(({ kind, seats }) => [kind, seats])).toEqual([
      ['change-quantity', 12],
      ['renewal-setting', undefined],
    ]);
  });

  it('of seats is refused where the client takes the subscription for one of another billing cycle', async () => {
    const { subscriptionId: id } = provider.world.subscription(account); // billed P1M
    for (const provisioningFrequency of [2, '5', 'Annual']) {
      const refused = await patch(id, { quantity: 12, provisioningFrequency });
      expect([refused.status, codeOf(refused)]).toEqual([422, 'order.term-differs']);
      expect(refused.body.detail).toContain('is billed every P1M');
    }
    expect(provider.world.ordered).toEqual([]);
    // What changes no seats may be sent with whatever the client remembers; unknown cycles contradict nothing.
    expect((await patch(id, { quantity: 10, provisioningFrequency: 2, friendlyName: 'A' })).status).toBe(200);
    for (const [quantity, provisioningFrequency] of [
      [11, 1],
      [12, 0],
      [13, null],
    ])
      expect((await patch(id, { quantity, provisioningFrequency })).body.quantity).toBe(quantity);
    const odd = provider.world.subscription(account, { billingPeriod: 'P6M' });
    expect((await patch(odd.subscriptionId, { quantity: 3, provisioningFrequency: 2 })).status).toBe(200);
  });

  it('that CMP is slow with is answered as ordered; a contradiction meanwhile is refused', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    provider.world.outcome = 'running';
    const answers = await five(() => patch(id, { quantity: 12 }));
    expect(new Set(answers.map(({ body }) => body.quantity))).toEqual(new Set([12]));
    expect((await read(id)).body.quantity).toBe(10);
    const crossing = await patch(id, { quantity: 10 });
    expect([crossing.status, codeOf(crossing)]).toEqual([409, 'subscription.change-under-way']);
    expect(provider.world.ordered).toHaveLength(1);
  });

  it('that was changed again since is a late repetition for a while, and a new wish after that', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    const seats = () => provider.world.ordered.map((order) => order.seats);
    for (const quantity of [12, 10]) expect((await patch(id, { quantity })).body.quantity).toBe(quantity);
    const late = await five(() => patch(id, { quantity: 12 }));
    expect(new Set(late.map((answer) => codeOf(answer)))).toEqual(new Set(['subscription.late-repetition']));
    expect(late[0]!.body.nextStep).toMatch(/send it after \d{4}-/);
    expect(seats()).toEqual([12, 10]);
    await provider.pool.query(
      `update write_intents set finished_at = finished_at - interval '61 minutes' where subscription_id = $1`,
      [id],
    );
    expect((await patch(id, { quantity: 12 })).body.quantity).toBe(12);
    expect(seats()).toEqual([12, 10, 12]);
  });

  it('that was changed again since is a late repetition for the whole of the time that is set', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    for (const quantity of [12, 10]) expect((await patch(id, { quantity })).body.quantity).toBe(quantity);
    const age = `update write_intents set finished_at = finished_at - interval '59 minutes' where subscription_id = $1`;
    await provider.pool.query(age, [id]);
    expect(codeOf(await patch(id, { quantity: 12 }))).toBe('subscription.late-repetition');
    expect(provider.world.ordered.map((order) => order.seats)).toEqual([12, 10]);
  });

  it('of what it is already orders nothing', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    expect((await patch(id, { quantity: 10, autoRenew: true })).status).toBe(200);
    expect(provider.world.ordered).toEqual([]);
  });

  it('that CMP refuses is a problem with its words', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    provider.world.outcome = 'refused';
    const refused = await patch(id, { quantity: 12 });
    expect([refused.status, codeOf(refused), refused.body.detail]).toEqual([
      422,
      'order.refused-by-cmp',
      'CMP says no.',
    ]);
    expect((await read(id)).body.quantity).toBe(10);
  });

  it('to cancelled or expiring is ordered once; CMP cannot suspend or revive', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    const act = (action: string) => client.call('PATCH', `/subscriptions/${id}/${action}`);
    expect((await act('activate')).body).toMatchObject({ id, status: 1 });
    expect(codeOf(await act('suspend'))).toBe('subscription.suspend-not-supported');
    for (const { body } of await five(() => act('expire'))) expect(body.autoRenew).toBe(false);
    const cancel = () => client.call('DELETE', `/subscriptions/${id}/cancel`);
    for (const { body } of [...(await five(cancel)), await cancel()]) expect(body).toBe(true);
    expect(codeOf(await act('activate'))).toBe('subscription.activate-not-supported');
    expect(provider.world.ordered.map(({ kind }) => kind)).toEqual(['renewal-setting', 'cancel']);
  });
});

const customer = {
  Name: 'Contoso',
  Domain: 'contoso',
  DefaultAddress: { AddressLine1: 'Main 1', City: 'Bonn', PostalOrZipCode: '53111', Country: 'DE' },
  Contact: { FirstName: 'Jane', LastName: 'Doe', Email: 'jane@contoso.example', PhoneNumber: '+49 228 1' },
};

it('creates a customer once, however often it is asked', async () => {
  const answers = await five(() => client.call('POST', '/customers', customer));
  expect(new Set(answers.map(({ body }) => body.id)).size).toBe(1);
  expect(answers[0]!.body).toMatchObject({ name: 'Contoso', domain: 'contoso.onmicrosoft.com' });
  expect((await client.call('GET', '/customers')).body).toHaveLength(2);
});

it.each([
  ['provider-account.creation-unclear', 503],
  ['provider-account.cmp-away', 503],
  ['provider-account.name-taken', 422],
])('says of a customer that %s', async (code, status) => {
  provider.world.refusal = { code, message: 'Not now.', nextStep: 'Ask again.' };
  const refused = await client.call('POST', '/customers', customer);
  expect([refused.status, codeOf(refused), refused.body.nextStep]).toEqual([status, code, 'Ask again.']);
});
