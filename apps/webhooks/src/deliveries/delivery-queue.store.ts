import { EndpointDisabledV1, EndpointDegradedV1, type DisablingReason } from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import { emitMany, event } from '@isthmus/messaging';
import { acrossTenants, inTenant, inTransaction } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { Pool, type PoolClient, type QueryConfig, type QueryResult, type QueryResultRow } from 'pg';
import { WebhooksEnv } from '../config.ts';
import type { Endpoint, EndpointSecret } from '../endpoints/endpoint.entity.ts';
import { SigningSecrets } from '../endpoints/signing-secrets.service.ts';
import {
  describeFailure,
  type DueDelivery,
  type EndpointLease,
  type AttemptOutcome,
  type EndpointState,
  type Target,
} from './attempt.ts';
import type { PublishedEvent } from './webhook-message.ts';

/** Another process delivers to the endpoint now, or it was removed. */
export class LeaseLost extends DomainError {
  static override readonly code = 'webhook-endpoint.lease-lost';

  constructor(endpointId: string) {
    super(`Webhook endpoint ${endpointId} is handled by another process, or was removed.`);
  }
}

/**
 * The queue of deliveries in PostgreSQL: endpoints are claimed by leases, due deliveries are read, and results are written back.
 * One process at a time has the lease of an endpoint, so ordering and the limit of concurrent requests are maintained in memory;
 * processes share the endpoints. All times are the database's. The statements are SQL and go to the pool, bypassing the entities:
 * each does in one round trip what would need several with entities, and the frequent ones are prepared.
 */
@Injectable()
export class DeliveryQueue {
  constructor(
    private readonly pool: Pool,
    private readonly secrets: SigningSecrets,
    private readonly env: WebhooksEnv,
  ) {}

  /** Leases a free endpoint with due deliveries; the least recently served one first. */
  async claim(leaseMs: number): Promise<EndpointLease | undefined> {
    const { rows } = await acrossTenants('claim a webhook endpoint', () =>
      this.pool.query<EndpointLease>(claimEndpoint, [leaseMs]),
    );
    return rows[0];
  }

  /** False when another process has it now. */
  async renew(lease: EndpointLease, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.#query(
      lease,
      `update endpoints set lease_until = now() + $3 * interval '1 ms' where id = $1 and lease_token = $2`,
      [lease.endpointId, lease.token, leaseMs],
    );
    return rowCount === 1;
  }

  async release(lease: EndpointLease): Promise<void> {
    await this.#query(lease, 'update endpoints set lease_until = null where id = $1 and lease_token = $2', [
      lease.endpointId,
      lease.token,
    ]);
  }

  /**
   * Current target; undefined if we no longer hold the lease or the endpoint must not be sent to.
   * @throws SecretKeyMissing, SecretNotOpened
   */
  async target(lease: EndpointLease): Promise<Target | undefined> {
    const { endpointId, tenantId, token } = lease;
    const { rows } = await this.#query<TargetRow>(lease, selectTarget, [endpointId, token]);
    const [row] = rows;
    return row && { ...row, secrets: this.secrets.open({ id: endpointId, tenantId }, row.secrets) };
  }

  /** The first due deliveries, except for those in progress. */
  async take(lease: EndpointLease, inFlight: readonly string[], limit: number): Promise<DueDelivery[]> {
    const { rows } = await this.#query<DueRow>(lease, { name: 'webhooks-due', text: selectDue }, [
      lease.endpointId,
      inFlight,
      limit,
    ]);
    return rows.map(({ id, round, tries, inOrder, aggregate, eventId, ...event }) => ({
      id,
      round,
      tries,
      inOrder,
      aggregate,
      event: { id: eventId, ...event },
    }));
  }

  /**
   * Writes the results of attempts, all or nothing: the log, what happens next, and the health of the endpoint.
   * @throws LeaseLost when the endpoint is no longer ours: then nothing is written, and its present holder sends again
   */
  recordOutcomes(lease: EndpointLease, outcomes: readonly AttemptOutcome[]): Promise<EndpointState> {
    return inTenant(lease.tenantId, () =>
      inTransaction(this.pool, (client) => this.#write(client, lease, outcomes)),
    );
  }

  /** Runs within the endpoint's tenant. */
  #query<R extends QueryResultRow>(
    { tenantId }: EndpointLease,
    statement: string | QueryConfig,
    values: unknown[],
  ): Promise<QueryResult<R>> {
    return inTenant(tenantId, () => this.pool.query<R>(statement, values));
  }

  async #write(
    client: PoolClient,
    lease: EndpointLease,
    outcomes: readonly AttemptOutcome[],
  ): Promise<EndpointState> {
    const { endpointId, token } = lease;
    // Not `for update`, which the foreign keys of deliveries that are being stored would wait for.
    const locked = await client.query(
      'select from endpoints where id = $1 and lease_token = $2 for no key update',
      [endpointId, token],
    );
    if (locked.rowCount === 0) throw new LeaseLost(endpointId);
    const results = outcomes.map(({ delivery: { id, round }, attempt, decision }) => {
      const { retryAfter: _, ...logged } = attempt;
      const delayMs = decision.outcome === 'pending' ? decision.delayMs : null;
      return { id, round, outcome: decision.outcome, delayMs, ...logged };
    });
    await client.query({
      name: 'webhooks-settle',
      text: recordOutcomesSql,
      values: [endpointId, JSON.stringify(results)],
    });
    const failed = results.filter(({ outcome }) => outcome === 'pending').map(({ id }) => id);
    if (failed.length > 0) await client.query(holdBackLater, [endpointId, failed]);
    return this.#recordHealth(client, lease, outcomes);
  }

  /**
   * Records how the endpoint fares, in the transaction of its attempts, and publishes an event when it matters. One success
   * makes it healthy again.
   */
  async #recordHealth(
    client: PoolClient,
    { endpointId, tenantId }: EndpointLease,
    outcomes: readonly AttemptOutcome[],
  ): Promise<EndpointState> {
    const failures = outcomes.filter(({ decision }) => decision.outcome !== 'delivered');
    const last = failures.at(-1);
    if (!last || failures.length < outcomes.length) await client.query(markHealthy, [endpointId]);
    if (!last) return 'open';
    const holdMs = Math.max(...failures.map(({ decision }) => ('holdMs' in decision ? decision.holdMs : 0)));
    const lastFailure = describeFailure(last.attempt);
    const { rows } = await client.query<HealthRow>(markFailed, [
      endpointId,
      lastFailure,
      holdMs,
      this.env.WEBHOOK_FAILING_SECONDS,
      this.env.WEBHOOK_DISABLE_SECONDS,
    ]);
    const health = rows[0]!;
    if (health.status === 'disabled') return 'disabled';
    const facts = {
      endpointId,
      host: new URL(health.url).hostname,
      failingSince: health.failingSince.toISOString(),
      lastFailure,
    };
    const about = { tenantId, aggregateId: endpointId, version: health.version + 1 };
    const gone = failures.some(({ decision }) => decision.outcome === 'undelivered' && decision.gone);
    if (gone || health.mustDisable) {
      const reason: DisablingReason = gone ? 'gone' : 'failing';
      await client.query(disableEndpoint, [endpointId, reason]);
      await emitMany(client, [event(EndpointDisabledV1, { ...facts, reason }, about)]);
      return 'disabled';
    }
    if (health.mustReport && !health.reported) {
      await client.query('update endpoints set failing_said = true, version = version + 1 where id = $1', [
        endpointId,
      ]);
      await emitMany(client, [event(EndpointDegradedV1, facts, about)]);
    }
    return holdMs > 0 ? 'paused' : 'open';
  }
}

const claimEndpoint = `
  update endpoints set lease_token = lease_token + 1, lease_until = now() + $1 * interval '1 ms'
  where id = (
    select e.id from endpoints e
    where e.status = 'enabled' and (e.lease_until is null or e.lease_until < now())
      and (e.held_until is null or e.held_until <= now())
      and exists (select from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at <= now())
    order by e.lease_token limit 1 for no key update skip locked)
  returning id as "endpointId", tenant_id as "tenantId", lease_token::float8 as token`;

type TargetRow = Omit<Target, 'secrets'> & { secrets: Pick<EndpointSecret, 'sealed' | 'version'>[] };

const selectTarget = `
  select e.url, e.failing_since is not null as failing,
    (select coalesce(json_agg(json_build_object('sealed', s.sealed, 'version', s.version) order by s.version desc), '[]')
     from endpoint_secrets s where s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > now())) as secrets
  from endpoints e
  where e.id = $1 and e.lease_token = $2 and e.status = 'enabled' and (e.held_until is null or e.held_until <= now())`;

type DueRow = Omit<DueDelivery, 'event'> & Omit<PublishedEvent, 'id'> & { eventId: string };

const selectDue = `
  select d.id, d.round, d.tries, d.in_order as "inOrder", d.aggregate, e.id as "eventId", e.source, e.type, e.time, e.subject,
    e.tenant_id as "tenantId", e.correlation_id as "correlationId", e.aggregate_version::float8 as "aggregateVersion",
    e.traceparent, e.data::text as data
  from deliveries d join events e on e.id = d.event_id
  where d.endpoint_id = $1 and d.status = 'pending' and d.next_attempt_at <= now() and not d.id = any($2)
  order by d.position limit $3`;

/** The result of an attempt from an earlier round is logged, and the delivery is not changed. */
const recordOutcomesSql = `
  with result as (
    select * from json_to_recordset($2) as r(id uuid, round int, outcome text, "delayMs" float8, at timestamptz,
      "durationMs" int, url text, "requestHeaders" json, status int, error text, "responseHead" text)
  ), changed as (
    update deliveries d set attempts = d.attempts + 1, last_attempt_at = r.at, last_status = r.status, last_error = r.error,
      tries = d.tries + case when d.round = r.round then 1 else 0 end,
      status = case when d.round = r.round then r.outcome else d.status end,
      next_attempt_at = case when d.round = r.round and r.outcome = 'pending'
        then now() + r."delayMs" * interval '1 ms' else d.next_attempt_at end
    from result r where d.id = r.id and d.endpoint_id = $1
    returning d.id, d.tenant_id, d.attempts, r.at, r."durationMs", r.url, r."requestHeaders", r.status, r.error, r."responseHead"
  )
  insert into delivery_attempts (delivery_id, tenant_id, number, at, duration_ms, url, request_headers, status, error, response_head)
  select id, tenant_id, attempts, at, "durationMs", url, "requestHeaders", status, error, "responseHead" from changed`;

/** Deliveries that wait in order behind one that is retried become due with it. */
const holdBackLater = `
  update deliveries later set next_attempt_at = failed.next_attempt_at
  from deliveries failed
  where failed.id = any($2) and failed.in_order and failed.status = 'pending'
    and later.endpoint_id = $1 and later.aggregate = failed.aggregate and later.status = 'pending' and later.in_order
    and later.position > failed.position and later.next_attempt_at < failed.next_attempt_at`;

const markHealthy = `
  update endpoints set failing_since = null, failing_said = false, last_failure = null
  where id = $1 and failing_since is not null`;

interface HealthRow extends Pick<Endpoint, 'url' | 'status' | 'version'> {
  failingSince: Date;
  /** Whether `endpoint-degraded` has already been published. */
  reported: boolean;
  /** Whether it has been failing for long enough to report it, and to disable it. */
  mustReport: boolean;
  mustDisable: boolean;
}

const markFailed = `
  update endpoints set failing_since = coalesce(failing_since, now()), last_failure = $2,
    held_until = case when $3::float8 > 0 then greatest(held_until, now() + $3 * interval '1 ms') else held_until end
  where id = $1
  returning url, status, version, failing_since as "failingSince", failing_said as reported,
    failing_since <= now() - $4 * interval '1 s' as "mustReport", failing_since <= now() - $5 * interval '1 s' as "mustDisable"`;

const disableEndpoint = `
  with disabled as (
    update endpoints set status = 'disabled', disabled_at = now(), disabled_reason = $2, updated_at = now(),
      version = version + 1
    where id = $1 and status = 'enabled'
    returning id
  )
  update deliveries set status = 'undelivered' from disabled where endpoint_id = disabled.id and deliveries.status = 'pending'`;
