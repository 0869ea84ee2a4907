import { createHash, randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { Pool } from 'pg';
import { settingsOf } from '../stack/processes.ts';

/**
 * The least that accepting an order can take: bare Fastify and the prepared statements of the service. No token is verified,
 * nothing is validated, decided, traced or measured, and a second use of a key is not detected.
 */
const { databaseUrl, tenantId, poolMax } = settingsOf<{
  databaseUrl: string;
  tenantId: string;
  poolMax: number;
}>();
const pool = new Pool({ connectionString: databaseUrl, max: poolMax });

const read = `select s.id, s.tenant_id as "tenantId", s.connector_id as "connectorId",
    s.cmp_subscription_id as "cmpSubscriptionId", s.cmp_account_id as "cmpAccountId",
    s.provider_account_id as "providerAccountId", s.name, s.friendly_name as "friendlyName", s.status, s.state,
    s.billing_contract_id as "billingContractId", s.ended_at as "endedAt", s.version,
    (select json_agg(json_build_object('spec', o.record->'spec', 'finishedAt', o.record->'finishedAt',
       'firstSentAt', o.record->'firstSentAt') order by o.position)
     from orders o where o.tenant_id = s.tenant_id and o.subscription_id = s.id and o.status = 'settled'
       and (o.record->>'finishedAt')::float8 > (s.state->>'asOf')::float8) as settled
  from subscriptions s where s.tenant_id = $1 and s.id = $2 and ($3::uuid is null or s.connector_id = $3)`;

const lost = `select o.scheduled_change_id as "scheduledChangeId", o.id as "orderId",
    o.record -> 'spec' -> 'product' ->> 'mpn' as mpn, (o.record -> 'spec' ->> 'seats')::int as seats
  from orders o
  where o.tenant_id = $1 and o.subscription_id = $2 and o.kind = 'change-quantity' and o.status <> all($3)
    and o.record -> 'spec' ->> 'when' = 'renewal' and o.record ->> 'withdrawRequested' = 'false'
  union all
  select c.id, null, c.mpn, c.seats from scheduled_changes c
  where c.tenant_id = $1 and c.subscription_id = $2 and c.kind = 'change-quantity' and c.status = 'planned'
    and c.due_at is null`;

const place = `with fresh as (
    insert into idempotency_keys (tenant_id, route, key, body_hash, status, headers, body)
    values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing returning 1),
  alone as (select pg_advisory_xact_lock(hashtextextended($8, 0)) from fresh),
  placed as (
    insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, subscription_id, requested_by,
      correlation_id, traceparent, scheduled_change_id, quote_id)
    select $9::uuid, $10::uuid, $11::uuid, $12, $13, 'planned', $14::json, now(), $15::uuid, $16, $17, $18, $19::uuid,
      $20::uuid
    from alone returning id, tenant_id),
  noted as (
    insert into order_history (tenant_id, order_id, status, by) select tenant_id, id, 'planned', $21 from placed)
  select count(*)::int as fresh from fresh`;

interface Command {
  kind: string;
  subscriptionId: string;
  seats: number;
}

const server = fastify();
server.post('/v1/orders', async (request, reply) => {
  const { kind, subscriptionId, seats } = request.body as Command;
  const key = request.headers['idempotency-key'];
  const [row] = (await pool.query({ name: 'read', text: read, values: [tenantId, subscriptionId, null] }))
    .rows;
  const final = ['settled', 'refused', 'withdrawn'];
  await pool.query({ name: 'lost', text: lost, values: [tenantId, subscriptionId, final] });
  const { cmpAccountId, cmpSubscriptionId, connectorId, state } = row;
  const [{ vendor, mpn, cmpProductId, name }] = state.lines;
  const { billingPeriod, term } = state;
  const id = randomUUID();
  const marker = `ISM-${id}`;
  const product = { vendor, mpn, cmpProductId, name, billingPeriod, term };
  const spec = { kind, cmpAccountId, cmpSubscriptionId, seats, when: 'now', product };
  const requestedAt = Date.now();
  const nothing = {
    reason: null,
    cmpOrderId: null,
    cmpOrderNumber: null,
    cmpStatus: null,
    finishedAt: null,
    withdrawRequested: false,
    attempts: 0,
  };
  const record = {
    ...{
      id,
      marker,
      spec,
      requestedAt,
      status: 'planned',
      checkedAt: null,
      seatsBefore: null,
      attemptsAllowed: 2,
    },
    ...{ consent: { highestTotal: null, extraProducts: [], dropScheduledChanges: false }, firstSentAt: null },
    ...{ lastSentAt: null, doubtfulRefusal: null, absentLooks: 0, lastAbsentAt: null, lateAnswer: null },
    ...{ cmpSubscriptionId, acceptedAt: null, completedAt: null, idleSteps: 0, nextStepAt: requestedAt },
    ...nothing,
  };
  const time = new Date(requestedAt).toISOString();
  const answer = {
    ...{ id, kind, status: 'planned', marker, subscriptionId, cmpAccountId, cmpSubscriptionId, mpn, seats },
    ...{ when: 'now', autoRenew: null, requestedAt: time, nextStepAt: time },
    ...nothing,
  };
  const queue = `subscription ${cmpSubscriptionId}`;
  const location = `/v1/orders/${id}`;
  const hash = createHash('sha256').update(JSON.stringify(request.body)).digest('base64url');
  await pool.query({
    name: 'place',
    text: place,
    values: [
      ...[tenantId, 'POST /v1/orders', key, hash, 202, JSON.stringify({ location }), JSON.stringify(answer)],
      ...[`${connectorId} ${queue}`, id, tenantId, connectorId, queue, kind, JSON.stringify(record)],
      ...[subscriptionId, 'bench', request.id, null, null, null, 'bench'],
    ],
  });
  return reply.code(202).header('location', location).send(answer);
});
const listening = await server.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ listening })}\n`);
