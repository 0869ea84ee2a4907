import { randomUUID } from 'node:crypto';
import { OrderSettledV1 } from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';
import { ReadSubscriptionOnOrderSettled } from './sync-run.events.ts';

let api: RunningAccountSync;
beforeAll(async () => {
  api = await runAccountSync();
});
afterAll(() => api.stop());

const settled = (connectorId: string, tenantId: string, id: string = randomUUID()) => {
  const orderId = randomUUID();
  const facts = { connectorId, orderId, kind: 'create' as const, cmpAccountId: '1', requestedBy: 'work365' };
  const envelope = { id, subject: orderId, tenantId, correlationId: 'c', aggregateVersion: 2 };
  const message = new Message('x', { ...envelope, time: new Date().toISOString() });
  return api.service.get(ReadSubscriptionOnOrderSettled).handle(facts as OrderSettledV1, message);
};
const runs = async (connectorId: string) => {
  const text = 'select scope, depth, trigger, status from sync_runs where connector_id = $1';
  return (await api.pool.query(text, [connectorId])).rows;
};

it('starts one tick for orders that settle together, and another for a later one', async () => {
  const connectorId = await api.connector();
  const event = randomUUID();
  await settled(connectorId, api.tenantId, event);
  await settled(connectorId, api.tenantId);
  const tick = { scope: 'subscriptions', depth: 'incremental', trigger: 'event', status: 'queued' };
  expect(await runs(connectorId)).toEqual([tick]);
  await api.pool.query(`update sync_runs set status = 'succeeded' where connector_id = $1`, [connectorId]);
  await settled(connectorId, api.tenantId, event);
  expect(await runs(connectorId)).toHaveLength(1);
  await settled(connectorId, api.tenantId);
  expect(await runs(connectorId)).toHaveLength(2);
});

it('reads nothing of a paused connector or for another tenant', async () => {
  const paused = await api.connector({ status: 'paused' });
  await settled(paused, api.tenantId);
  const active = await api.connector();
  await settled(active, randomUUID());
  expect([...(await runs(paused)), ...(await runs(active))]).toEqual([]);
});
