import { randomUUID } from 'node:crypto';
import {
  OrderRefusedV1,
  OrderSettledV1,
  SubscriptionCreatedV1,
  type AgreedSubscriptionV1,
  type OrderOutcome,
} from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import {
  codeOf,
  type RunningProvider,
  runRestProvider,
  type Work365,
} from '../../test/rest-provider.fixture.ts';
import { FinishIntents } from './finish-intents.worker.ts';

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
  Object.assign(provider.world, { ordered: [], outcome: 'settled', mirrored: true, orderReads: 0 });
});

const buy = (more: object = {}) =>
  client.call('POST', '/subscriptions', {
    partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
    quantity: 5,
    customer,
    ...more,
  });

const isStored = (condition: string) =>
  eventually(async () => {
    const text = `select from write_intents where customer_id = $1 and ${condition}`;
    return (await provider.pool.query(text, [customer.id])).rows.length === 1;
  });

/** Ends the order that was placed last. */
const end = (outcome: OrderOutcome) => {
  const { world } = provider;
  world.end([...world.states.values()].at(-1)!, world.ordered.at(-1)!, outcome);
};

/** Publishes how the order that was placed last has ended. */
const publishEnd = async (contract: typeof OrderSettledV1 | typeof OrderRefusedV1) => {
  const { orderId, kind, reason } = [...provider.world.states.values()].at(-1)!;
  const { connectorId, tenantId } = client;
  const data = { connectorId, orderId, kind, cmpAccountId: '1000', requestedBy: 'work365', reason };
  await provider.publish(contract as typeof OrderSettledV1, data, {
    tenantId,
    aggregateId: orderId,
    version: 2,
  });
};

const publishCreated = async ({ subscriptionId, cmpSubscriptionId, name }: AgreedSubscriptionV1) => {
  const { connectorId, tenantId } = client;
  const data = {
    connectorId,
    subscriptionId,
    cmpSubscriptionId,
    cmpAccountId: '1000',
    name,
    status: 'active',
  };
  await provider.publish(
    SubscriptionCreatedV1,
    { ...data, autoRenew: true, lines: [], asOf: new Date().toISOString() },
    { tenantId, aggregateId: subscriptionId, version: 1 },
  );
};

it('answers a purchase as a whole although its subscription is known only after the order has settled', async () => {
  const { world } = provider;
  world.mirrored = false;
  let answered = false;
  const bought = buy().finally(() => (answered = true));
  await isStored(`status = 'done' and subscription_id is null`);
  expect(answered).toBe(false);
  world.mirrored = true;
  end('settled');
  await publishCreated(world.subscriptions.at(-1)!);
  const { status, body } = await bought;
  expect(status).toBe(200);
  expect(body).toMatchObject({ status: 1, quantity: 5, name: 'Business Basic', pricing: { price: 4.8 } });
  expect(body.startDate).toMatch(/^2026-/);
});

describe('a write that waits for its order', () => {
  beforeEach(() => Object.assign(provider.world, { outcome: 'running' }));
  /** Long before the wait is over. */
  const soon = { timeout: 10_000 };
  const within = async <T>(answer: Promise<T>): Promise<T> => {
    const began = Date.now();
    const result = await answer;
    expect(Date.now() - began).toBeLessThan(soon.timeout);
    return result;
  };

  it('reads it once, when it is published that it has settled', async () => {
    const bought = buy();
    await isStored(`status = 'ordered'`);
    end('settled');
    await publishEnd(OrderSettledV1);
    expect((await within(bought)).body).toMatchObject({ status: 1, quantity: 5 });
    expect(provider.world.orderReads).toBe(1);
  });

  it('reads it twice when the subscription of a purchase is known later', async () => {
    provider.world.mirrored = false;
    const bought = buy();
    await isStored(`status = 'ordered'`);
    end('settled');
    await publishEnd(OrderSettledV1);
    await isStored(`status = 'done' and subscription_id is null`);
    provider.world.mirrored = true;
    end('settled');
    await publishCreated(provider.world.subscriptions.at(-1)!);
    expect((await within(bought)).body).toMatchObject({ status: 1, pricing: { price: 4.8 } });
    expect(provider.world.orderReads).toBe(2);
  });

  it('is refused when it is published that its order was', async () => {
    const bought = buy();
    await isStored(`status = 'ordered'`);
    end('refused');
    await publishEnd(OrderRefusedV1);
    const answer = await within(bought);
    expect([answer.status, codeOf(answer)]).toEqual([422, 'order.refused-by-cmp']);
    expect(provider.world.orderReads).toBe(1);
  });

  it('of a change reads it once, and events of other orders do not wake it', async () => {
    const account = provider.world.accounts.at(-1)!;
    const { subscriptionId: id } = provider.world.subscription(account);
    const changed = client.call('PATCH', '/subscriptions', { id, quantity: 12 });
    await eventually(() => Promise.resolve(provider.world.ordered.length === 1));
    const { connectorId, tenantId } = client;
    const other = {
      connectorId,
      orderId: randomUUID(),
      kind: 'cancel' as const,
      cmpAccountId: '1000',
      requestedBy: 'x',
    };
    const facts = { tenantId, aggregateId: other.orderId, version: 1 };
    await provider.publish(OrderSettledV1, other, facts);
    end('settled');
    await publishEnd(OrderSettledV1);
    expect((await within(changed)).body).toMatchObject({ id, quantity: 12 });
    expect(provider.world.orderReads).toBe(1);
  });

  it('sent again meanwhile reads it at most twice for each request', async () => {
    const first = buy();
    await isStored(`status = 'ordered'`);
    const again = buy();
    await eventually(() => Promise.resolve(provider.world.orderReads === 1));
    end('settled');
    await publishEnd(OrderSettledV1);
    const [one, other] = await within(Promise.all([first, again]));
    expect(other.body).toEqual(one.body);
    expect(provider.world.orderReads).toBe(3);
  });
});

it.each([[{}], [{ autoRenew: null }], [{ autoRenew: true }]])(
  'leaves the renewal of a purchase as CMP has it unless it is to be switched off: %j',
  async (more) => {
    await buy({ friendlyName: 'Sales', ...more });
    await eventually(async () => {
      await provider.service.get(FinishIntents).once();
      return isStored('handed_over');
    });
    expect(provider.world.subscriptions.at(-1)).toMatchObject({ friendlyName: 'Sales', autoRenew: true });
    expect(provider.world.ordered.map(({ kind }) => kind)).toEqual(['create']);
  },
);

it('shows a bought subscription whose lines were not read yet as ordered', async () => {
  const { world } = provider;
  const { body } = await buy();
  Object.assign(world.subscriptions.at(-1)!, { lines: [] });
  const [listed] = (await client.call('GET', `/customers/${customer.id}/subscriptions`)).body;
  expect(listed).toMatchObject({ id: body.id, status: 2, quantity: 5, pricing: null });
});

it('reads the order once at the end of the wait when no event arrives, and once to show it', async () => {
  const impatient = await runRestProvider({ WRITE_WAIT_MS: '1500' });
  try {
    const { world } = impatient;
    world.outcome = 'running';
    const other = impatient.client();
    const { providerAccountId } = world.account(other.tenantId, other.connectorId);
    const purchase = { partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001', quantity: 5 };
    const { body } = await other.call('POST', '/subscriptions', {
      ...purchase,
      customer: { id: providerAccountId },
    });
    expect(body).toMatchObject({ status: 2, quantity: 5 });
    expect(world.orderReads).toBe(2);
  } finally {
    await impatient.stop();
  }
});

it('shows a purchase that CMP has confirmed as ordered, and billed by nobody, until its name, date and price are known', async () => {
  const impatient = await runRestProvider({ WRITE_WAIT_MS: '500' });
  try {
    const { world } = impatient;
    Object.assign(world, { outcome: 'settled', mirrored: false });
    const other = impatient.client();
    const { providerAccountId } = world.account(other.tenantId, other.connectorId);
    const send = () =>
      other.call('POST', '/subscriptions', {
        partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001',
        quantity: 5,
        customer: { id: providerAccountId },
      });
    const list = async () => (await other.call('GET', `/customers/${providerAccountId}/subscriptions`)).body;
    const { body } = await send();
    const pending = { status: 2, quantity: 5, autoRenew: true, provisioningFrequency: 0, billingType: 1 };
    expect(body).toMatchObject({ ...pending, name: null, startDate: null, pricing: null });
    expect(await list()).toEqual([body]);

    world.mirrored = true;
    world.end([...world.states.values()].at(-1)!, world.ordered.at(-1)!, 'settled');
    const known = { id: body.id, status: 1, quantity: 5, name: 'Business Basic', pricing: { price: 4.8 } };
    expect(await list()).toMatchObject([known]);
    expect((await send()).body).toMatchObject(known);
    expect(world.ordered).toHaveLength(1);
  } finally {
    await impatient.stop();
  }
});
