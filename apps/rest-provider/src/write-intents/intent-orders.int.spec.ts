import { eventually } from '@isthmus/testing';
import { type RunningProvider, runRestProvider, type Work365 } from '../../test/rest-provider.fixture.ts';

let provider: RunningProvider;
let client: Work365;
let customer: { id: string };
beforeAll(async () => {
  provider = await runRestProvider({ WRITE_WAIT_MS: '20000' });
});
afterAll(() => provider?.stop());
beforeEach(() => {
  client = provider.client();
  customer = { id: provider.world.account(client.tenantId, client.connectorId).providerAccountId };
  Object.assign(provider.world, { ordered: [], outcome: 'settled', mirrored: true });
});

const buy = () =>
  client.call('POST', '/subscriptions', {
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
    quantity: 5,
    customer,
  });

it('answers a purchase as a whole although its subscription is known only after the order has settled', async () => {
  const { world } = provider;
  world.mirrored = false;
  let answered = false;
  const bought = buy().finally(() => (answered = true));
  await eventually(async () => {
    const { rows } = await provider.pool.query(
      `select from write_intents where customer_id = $1 and status = 'done' and subscription_id is null`,
      [customer.id],
    );
    return rows.length === 1;
  });
  expect(answered).toBe(false);
  world.mirrored = true;
  world.end([...world.states.values()].at(-1)!, world.ordered.at(-1)!, 'settled');
  const { status, body } = await bought;
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 1, quantity: 5, name: 'Business Basic', pricing: { price: 4.8 } });
  expect(body.startDate).toMatch(/^2026-/);
});
