import { randomUUID } from 'node:crypto';
import { AccountSyncAuditHeadPublishedV1, eventContracts } from '@isthmus/contracts';
import { auditedActions, eventually, watchAudit } from '@isthmus/testing';
import { startReceiver, type Receiver } from '../../test/receiver.fixture.ts';
import {
  newEvent,
  runWebhooks,
  subscriptionChanged,
  type RunningWebhooks,
} from '../../test/webhooks.fixture.ts';
import { webhooksOptions } from '../webhooks.module.ts';

let webhooks: RunningWebhooks;
let receiver: Receiver;
let log: ReturnType<typeof watchAudit>;
beforeAll(async () => {
  webhooks = await runWebhooks();
  receiver = await startReceiver();
  log = watchAudit(async (sql, values) => (await webhooks.pool.query(sql, values)).rows, webhooks.tenantId);
});
afterAll(async () => {
  await receiver.close();
  await webhooks.stop();
});

const rows = async (sql: string) => (await webhooks.pool.query(sql)).rows;

it('has one entry of every command that changes something, with what changed and no secret', async () => {
  const created = await webhooks.endpoint(`${receiver.url}?secret=CANARY-query`, { description: 'ERP' });
  const path = `/v1/webhook-endpoints/${created.id}`;
  const by = { channel: 'console', role: 'admin', thing: `webhook-endpoint ${created.id}` };
  const url = expect.stringMatching(/^http:\/\/.*\?…$/);
  expect(await log.written()).toMatchObject([
    {
      ...by,
      action: 'webhook-endpoint.create',
      before: null,
      after: { url, description: 'ERP', status: 'enabled' },
    },
  ]);

  const change = { eventTypes: ['account-sync.*'] };
  await webhooks.call('PATCH', path, change, {}, { 'if-match': '"1"' });
  await webhooks.call('PATCH', path, change, {}, { 'if-match': '"2"' });
  expect(await log.written()).toMatchObject([
    { ...by, action: 'webhook-endpoint.update', before: { eventTypes: ['*'] }, after: change },
  ]);

  const { secret } = (await webhooks.call('POST', `${path}/rotate-secret`)).body;
  expect(await log.written()).toMatchObject([
    { ...by, action: 'webhook-endpoint.rotate-secret', after: { secret: 'changed' } },
  ]);

  await webhooks.call('POST', `${path}/test`);
  expect(await log.written()).toMatchObject([{ ...by, action: 'webhook-endpoint.test', after: { url } }]);

  await webhooks.publish(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  await eventually(() => receiver.received.length >= 2);
  const [delivery] = await rows('select id from deliveries');
  await eventually(
    async () => (await rows(`select from deliveries where status = 'delivered'`)).length === 1,
  );
  await webhooks.call('POST', `/v1/deliveries/${delivery.id}/resend`);
  expect(await log.written()).toMatchObject([
    {
      action: 'webhook-delivery.resend',
      thing: `webhook-delivery ${delivery.id}`,
      after: { endpointId: created.id },
    },
  ]);
  const since = new Date(Date.now() - 60_000).toISOString();
  await webhooks.call('POST', `${path}/replay`, { since });
  expect(await log.written()).toMatchObject([
    { ...by, action: 'webhook-endpoint.replay', after: { since, queued: 1 } },
  ]);
  await webhooks.call('POST', `${path}/recover`);
  expect(await log.written()).toMatchObject([
    { ...by, action: 'webhook-endpoint.recover', after: { queued: 0 } },
  ]);

  await webhooks.call('POST', `${path}/disable`);
  await webhooks.call('POST', `${path}/disable`);
  expect(await log.written()).toMatchObject([
    {
      ...by,
      action: 'webhook-endpoint.disable',
      before: { status: 'enabled' },
      after: { status: 'disabled' },
    },
  ]);
  await webhooks.call('POST', `${path}/enable`);
  expect(await log.written()).toMatchObject([{ ...by, action: 'webhook-endpoint.enable' }]);
  await webhooks.call('DELETE', path);
  expect(await log.written()).toMatchObject([
    {
      ...by,
      action: 'webhook-endpoint.remove',
      before: { url, eventTypes: ['account-sync.*'] },
      after: null,
    },
  ]);
  expect(log.unseen(await auditedActions(webhooksOptions))).toEqual([]);

  const [{ text }] = await rows('select string_agg(e::text, chr(10)) as text from audit_entries e');
  for (const hidden of ['CANARY-query', created.secret, secret]) expect(text).not.toContain(hidden);
});

it('keeps the published end of every audit log, once however often it arrives', async () => {
  const hash = 'a'.repeat(43);
  const heads = eventContracts()
    .filter(({ eventType }) => eventType.endsWith('.audit-head-published.v1'))
    .map(({ type }) => newEvent(type, { entries: 4, hash }, webhooks.tenantId));
  expect(heads).toHaveLength(6);
  for (const head of [...heads, ...heads]) await webhooks.deliver(head);
  const other = newEvent(
    AccountSyncAuditHeadPublishedV1,
    { entries: 4, hash: 'b'.repeat(43) },
    webhooks.tenantId,
  );
  await webhooks.deliver(other);
  await webhooks.deliver(subscriptionChanged(webhooks.tenantId, randomUUID(), 1));
  const kept = await rows(
    'select service, sequence::int, left(hash, 1) as hash from witnessed_audit_heads order by service, hash',
  );
  expect(kept).toEqual([
    { service: 'account-sync', sequence: 4, hash: 'a' },
    { service: 'account-sync', sequence: 4, hash: 'b' },
    ...['connector-config', 'product-catalog', 'rest-provider', 'subscription-lifecycle', 'webhooks'].map(
      (service) => ({ service, sequence: 4, hash: 'a' }),
    ),
  ]);
  await expect(webhooks.pool.query('delete from witnessed_audit_heads')).rejects.toThrow(
    'never changed or deleted',
  );
});
