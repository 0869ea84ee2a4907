import { randomUUID } from 'node:crypto';
import { createService } from '@isthmus/service-kit';
import { freshDatabase, keyRing, testIssuer } from '@isthmus/testing';
import { Pool } from 'pg';
import { subscriptionLifecycle } from '../service.ts';
import { Migration0020FinalNames } from './migrations.ts';

let pool: Pool;
const closing: (() => Promise<unknown>)[] = [];

/** Runs the migrations before the one given, or all. */
let migrate: (before?: object) => Promise<void>;

beforeAll(async () => {
  const [database, issuer] = await Promise.all([freshDatabase('upgrade'), testIssuer()]);
  pool = new Pool({ connectionString: database.url });
  closing.push(
    () => pool.end(),
    () => database.drop(),
    () => issuer.close(),
  );
  const env = { ...issuer.env, ...database.env, SECRET_RING: keyRing('k1'), LOG_LEVEL: 'silent' };
  migrate = async (before) => {
    const { migrations, ...more } = subscriptionLifecycle.database;
    const upTo = before ? migrations.findIndex((one) => one === before) : migrations.length;
    const options = {
      ...subscriptionLifecycle,
      database: { ...more, migrations: migrations.slice(0, upTo) },
    };
    const service = await createService(options, env);
    await service.migrate();
    await service.close();
  };
});
afterAll(async () => {
  for (const close of closing) await close();
});

it('keeps what was stored under earlier names', async () => {
  await migrate(Migration0020FinalNames);
  const [tenantId, connectorId, order, quote] = Array.from({ length: 4 }, () => randomUUID());
  const spec = { kind: 'change-quantity', seats: 7, when: 'renewal', product: { mpn: 'A' } };
  // PostgreSQL keeps a NUL in json, and refuses it wherever it looks inside.
  const quoted = { ...spec, product: { mpn: 'A\u0000B' } };
  await pool.query(
    `insert into orders (id, tenant_id, connector_id, queue, kind, status, record, asked_by, correlation_id, subscription_id)
     values ($1, $2, $3, 'q', 'change-quantity', 'planned', $4, 'ann', 'c', gen_random_uuid())`,
    [
      order,
      tenantId,
      connectorId,
      JSON.stringify({ id: order, ask: spec, askedAt: 5, withdrawAsked: true, version: 3 }),
    ],
  );
  await pool.query(
    `insert into quotes (id, tenant_id, command, quote, asked_by, expires_at) values ($1, $2, '{}', $3, 'ann', now())`,
    [
      quote,
      tenantId,
      JSON.stringify({ ask: quoted, cmp: { answer: 'not-asked', reason: null }, total: null }),
    ],
  );
  await pool.query(
    `insert into idempotency_keys (tenant_id, route, key, body_hash, status, headers)
     values ($1, 'ask place-orders', 'k/0', 'h', 202, '{}'), ($1, 'POST /v1/orders', 'k', 'h', 202, '{}')`,
    [tenantId],
  );
  const headers = { 'ce-tenantid': tenantId, 'ce-id': 'e' };
  await pool.query(
    `insert into parked_messages (id, direction, subject, message_id, headers, payload, reason, detail, tries)
     values (gen_random_uuid(), 'in', 'account-sync.provider-account-closed.v1', 'e', $1, '', 'handler.failed', '', 5),
       (gen_random_uuid(), 'in', 'account-sync.provider-account-closed.v1', 'f', '{}', '', 'envelope.invalid', '', 1)`,
    [JSON.stringify(headers)],
  );
  await pool.query(
    `insert into outbox (id, subject, aggregate_id, aggregate_version, tenant_id, correlation_id, time, data)
     values (gen_random_uuid(), 'subscription-lifecycle.order-placed.v1', 'a', 1, $1, 'c', now(), '{}'),
       (gen_random_uuid(), 'work.subscription-lifecycle.look', 'a', 1, $1, 'c', now(), '{}')`,
    [tenantId],
  );
  await migrate();
  const { rows: orders } = await pool.query('select record, requested_by from orders');
  expect(orders).toEqual([
    {
      record: { id: order, spec, requestedAt: 5, withdrawRequested: true, version: 3 },
      requested_by: 'ann',
    },
  ]);
  const { rows: quotes } = await pool.query('select quote, requested_by from quotes');
  expect(quotes).toEqual([
    {
      quote: { spec: quoted, cmp: { answer: 'not-requested', reason: null }, total: null },
      requested_by: 'ann',
    },
  ]);
  const { rows: keys } = await pool.query('select route, key from idempotency_keys order by route');
  expect(keys).toEqual([
    { route: 'POST /v1/orders', key: 'k' },
    { route: 'rpc place-orders', key: 'k/0' },
  ]);
  const { rows: parked } = await pool.query('select subject from parked_messages order by message_id');
  expect(parked.map(({ subject }) => subject)).toEqual([
    `account-sync.${tenantId}.provider-account-closed.v1`,
    'account-sync.provider-account-closed.v1',
  ]);
  const { rows: outbox } = await pool.query('select type from outbox');
  expect(outbox).toEqual([{ type: 'subscription-lifecycle.order-placed.v1' }]);
});
