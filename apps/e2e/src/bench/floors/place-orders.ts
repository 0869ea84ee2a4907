import { createHash, randomUUID } from 'node:crypto';
import fastify from 'fastify';
import { Pool } from 'pg';
import { settingsOf } from '../stack/processes.ts';

/**
 * The least that accepting an order can take: bare Fastify and the two prepared statements of the service. No token is verified,
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
       and (o.record->>'finishedAt')::float8 > (s.state->>'asOf')::float8) as settled,
    exists(select 1 from provider_accounts a join account_links l on l.tenant_id = a.tenant_id and l.provider_account_id = a.id
      where a.tenant_id = s.tenant_id and a.connector_id = s.connector_id and a.cmp_account_id = s.cmp_account_id
        and l.tenant_account_id is not null) as linked,
    (select row_to_json(p) from connector_pauses p where p.tenant_id = s.tenant_id and p.connector_id = s.connector_id
      and p.paused) as pause,
    (select json_build_object('id', o.id, 'kind', o.kind, 'status', o.status) from orders o
      where o.tenant_id = s.tenant_id and o.connector_id = s.connector_id and o.queue = 'subscription ' || s.cmp_subscription_id
        and o.status in ('planned', 'sending', 'unknown', 'accepted', 'proving', 'completed-not-effective', 'needs-attention')
      order by o.position limit 1) as ahead,
    (select g.guard from connector_guards g where g.tenant_id = s.tenant_id and g.connector_id = s.connector_id) as guard,
    (select json_agg(o.record) from orders o where o.tenant_id = s.tenant_id and o.connector_id = s.connector_id
      and o.cmp_subscription_id = s.cmp_subscription_id and o.status = 'settled' and o.kind in ('create', 'change-quantity')
      and o.updated_at > now() - interval '1 day') as recent,
    (select json_agg(d) from (
      select o.scheduled_change_id, o.id, o.record -> 'spec' from orders o
      where o.tenant_id = s.tenant_id and o.subscription_id = s.id and o.kind = 'change-quantity'
        and o.status not in ('settled', 'refused', 'withdrawn') and o.record -> 'spec' ->> 'when' = 'renewal'
        and o.record ->> 'withdrawRequested' = 'false'
      union all
      select c.id, null, null from scheduled_changes c
      where c.tenant_id = s.tenant_id and c.subscription_id = s.id and c.kind = 'change-quantity' and c.status = 'planned'
        and c.due_at is null) d) as lost
  from subscriptions s where s.tenant_id = $1 and s.id = $2`;

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
    insert into order_history (tenant_id, order_id, status, by) select tenant_id, id, 'planned', $21 from placed),
  audited as (
    insert into audit_entries (tenant_id, time, subject, channel, role, action, thing_type, thing_id, after, correlation_id)
    select tenant_id, now(), $21, 'console', 'operator', 'order.place', 'order', id, $22::json, $17 from placed)
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
  const [row] = (await pool.query({ name: 'read', text: read, values: [tenantId, subscriptionId] })).rows;
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
      ...[subscriptionId, 'bench', request.id, null, null, null, 'bench', JSON.stringify(spec)],
    ],
  });
  return reply.code(202).header('location', location).send(answer);
});
const listening = await server.listen({ port: 0, host: '127.0.0.1' });
process.stdout.write(`${JSON.stringify({ listening })}\n`);
