import type { ProviderAccountV1 } from '@isthmus/contracts';
import {
  type Answered,
  codeOf,
  type Json,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';
import { FinishIntents } from '../write-intents/finish-intents.worker.ts';

let provider: RunningProvider;
let client: Work365;
let account: ProviderAccountV1;
beforeAll(async () => {
  // Long enough to be noticed by whoever waits for it.
  provider = await runRestProvider({ WRITE_WAIT_MS: '15000' });
});
afterAll(() => provider?.stop());
beforeEach(() => {
  client = provider.client();
  account = provider.world.account(client.tenantId, client.connectorId);
  Object.assign(provider.world, { ordered: [], outcome: 'settled', mirrored: true, held: true });
});

const buy = (quantity = 600) =>
  client.call('POST', '/subscriptions', {
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
    quantity,
    friendlyName: 'Everybody',
    customer: { id: account.providerAccountId },
  });
const five = (send: () => Promise<Answered>) => Promise.all(Array.from({ length: 5 }, send));
const list = async (): Promise<Json[]> =>
  (await client.call('GET', `/customers/${account.providerAccountId}/subscriptions`)).body;
const outcome = (answer: Answered) => [answer.status, codeOf(answer)];
const waits = [409, 'order.awaiting-approval'];
/** What runs in the background for writes that outlived their request. */
const followUp = () => provider.service.get(FinishIntents).once();

describe('a purchase that is too large', () => {
  it('is answered 409 at once, and the same request joins the one order until it is placed', async () => {
    const began = Date.now();
    const answers = [...(await five(buy)), await buy()];
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(answers.map(outcome)).toEqual(Array(6).fill(waits));
    const [orderId] = [...provider.world.states.keys()].slice(-1);
    expect(answers[0]!.body).toMatchObject({
      detail: expect.stringContaining(`Order ${orderId} is not placed yet`),
      nextStep: expect.stringContaining('Then send the same request again'),
      orderIds: [orderId],
      until: '2026-12-08T00:00:00.000Z',
    });
    await followUp();
    expect(outcome(await buy())).toEqual(waits);
    expect(provider.world.ordered).toHaveLength(1);

    provider.world.decide('approved');
    const placed = await buy();
    expect([placed.status, placed.body]).toMatchObject([200, { quantity: 600, status: 1 }]);
    expect((await buy()).body).toEqual(placed.body);
    expect(provider.world.ordered).toHaveLength(1);
  });

  it('does not exist for clients until it is approved, also when nobody asks for it again', async () => {
    await buy();
    expect(await list()).toEqual([]);
    const { rows } = await provider.pool.query(
      `select id from write_intents where status = 'awaiting-approval' and connector_id = $1`,
      [client.connectorId],
    );
    const path = `/customers/${account.providerAccountId}/subscriptions/${rows[0].id}`;
    expect((await client.call('GET', path)).status).toBe(404);
    provider.world.decide('approved');
    await followUp();
    await followUp();
    expect(await list()).toMatchObject([{ id: rows[0].id, quantity: 600, friendlyName: 'Everybody' }]);
  });

  it('that is rejected stays so for the same request, and is not asked for again', async () => {
    await buy();
    provider.world.decide('approval-rejected');
    await followUp();
    for (const answer of [await buy(), ...(await five(buy))])
      expect(outcome(answer)).toEqual([422, 'order.approval-rejected']);
    expect(provider.world.ordered).toHaveLength(1);
    expect(outcome(await buy(599))).toEqual(waits);
    await provider.pool.query(`update write_intents set finished_at = finished_at - interval '25 hours'`);
    expect(outcome(await buy())).toEqual(waits);
    expect(provider.world.ordered).toHaveLength(3);
  });

  it('that nobody approved in time may be requested anew', async () => {
    await buy();
    provider.world.decide('approval-expired');
    expect(outcome(await buy())).toEqual([422, 'order.approval-expired']);
    expect(outcome(await buy())).toEqual(waits);
    expect(provider.world.ordered).toHaveLength(2);
  });
});

describe('a change that is too large', () => {
  const patch = (id: string, more: object) => client.call('PATCH', '/subscriptions', { id, ...more });

  it('waits once, is contradicted by none, and is answered when it is approved', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    const change = () => patch(id, { quantity: 600, autoRenew: false });
    const answers = [...(await five(change)), await change()];
    expect(answers.map(outcome)).toEqual(Array(6).fill(waits));
    expect(provider.world.ordered.map(({ kind }) => kind)).toEqual(['change-quantity', 'renewal-setting']);
    const back = await patch(id, { quantity: 10 });
    expect(outcome(back)).toEqual([409, 'subscription.change-under-way']);
    expect(back.body.detail).toContain('waits for an approval');

    provider.world.decide('approved');
    expect((await change()).body).toMatchObject({ quantity: 600, autoRenew: false });
    expect(provider.world.ordered).toHaveLength(2);
  });

  it('that is rejected stays so for the same request, and others are ordered', async () => {
    const { subscriptionId: id } = provider.world.subscription(account);
    await patch(id, { quantity: 600 });
    provider.world.decide('approval-rejected');
    for (let n = 0; n < 2; n += 1)
      expect(outcome(await patch(id, { quantity: 600 }))).toEqual([422, 'order.approval-rejected']);
    provider.world.held = false;
    expect((await patch(id, { quantity: 12 })).body.quantity).toBe(12);
    expect(provider.world.ordered).toHaveLength(2);
  });
});
