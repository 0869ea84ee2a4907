import { randomUUID } from 'node:crypto';
import { CountLifecycleRecords } from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { startNats, type RunningServer } from '@isthmus/testing';
import { runLifecycle, type Lifecycle } from '../lifecycle.fixture.spec.ts';
import { mirrored } from '../mirrored.fixture.spec.ts';

let nats: RunningServer;
let lifecycle: Lifecycle;
beforeAll(async () => {
  nats = await startNats();
  lifecycle = await runLifecycle({ NATS_URL: nats.url });
});
afterAll(async () => {
  await lifecycle?.stop();
  await nats?.stop();
});

const none = {
  liveSubscriptions: 0,
  ordersPlanned: 0,
  ordersSending: 0,
  ordersUnknown: 0,
  ordersAccepted: 0,
  ordersNeedingAttention: 0,
  scheduledChanges: 0,
};

it('counts what depends on a connector, and nothing of another connector or tenant', async () => {
  const { tenantId, connectorId, pool, service } = lifecycle;
  const cmp = mirrored(lifecycle);
  const id = await cmp.subscription();
  await cmp.subscription({ status: 'hold' });
  await cmp.subscription({ status: 'terminated' });
  const statuses: [string, number][] = [
    ['planned', 0],
    ['planned', 1],
    ['sending', 1],
    ['unknown', 1],
    ['accepted', 1],
    ['scheduled', 1],
    ['proving', 1],
    ['needs-attention', 1],
    ['completed-not-effective', 1],
    ['settled', 1],
    ['refused', 0],
    ['withdrawn', 0],
  ];
  for (const [status, attempts] of statuses) {
    const order = await lifecycle.order({ kind: 'cancel', cmpAccountId: '1', cmpSubscriptionId: `s${id}` });
    await pool.query(
      'update orders set status = $2, record = (record::jsonb || $3)::json, next_step_at = null where id = $1',
      [order, status, JSON.stringify({ status, attempts })],
    );
  }
  const headers = { 'idempotency-key': randomUUID() };
  const at = new Date(Date.now() + 86_400_000).toISOString();
  const planned = { subscriptionId: id, kind: 'change-quantity', seats: 20, at };
  expect((await lifecycle.call('POST', '/v1/scheduled-changes', planned, headers)).status).toBe(201);

  const asker = service.get(Asker);
  expect(await asker.ask(CountLifecycleRecords, { tenantId, connectorId })).toEqual({
    liveSubscriptions: 2,
    ordersPlanned: 1,
    ordersSending: 1,
    ordersUnknown: 2,
    ordersAccepted: 3,
    ordersNeedingAttention: 2,
    scheduledChanges: 1,
  });
  for (const stranger of [{ tenantId: randomUUID() }, { connectorId: randomUUID() }])
    expect(await asker.ask(CountLifecycleRecords, { tenantId, connectorId, ...stranger })).toEqual(none);
});
