import { Injectable } from '@nestjs/common';
import { Pool, type PoolClient } from 'pg';
import type { EndpointLease, Settlement, Standing } from '../delivering/attempt.ts';
import { LeaseLost } from '../delivering/lease-lost.error.ts';
import { WebhooksEnv } from '../config.ts';
import { noteHealth } from './endpoint-health.ts';

/** The result of an attempt of an earlier round is logged, and the delivery stays as it is. */
const settle = `
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

/** What waits in order behind one that is tried again later becomes due with it. */
const holdBack = `
  update deliveries later set next_attempt_at = failed.next_attempt_at
  from deliveries failed
  where failed.id = any($2) and failed.in_order and failed.status = 'pending'
    and later.endpoint_id = $1 and later.aggregate = failed.aggregate and later.status = 'pending' and later.in_order
    and later.position > failed.position and later.next_attempt_at < failed.next_attempt_at`;

/** Writes down what came of attempts: the log, what happens next, and how the endpoint stands. */
@Injectable()
export class SettleAttempts {
  constructor(
    private readonly pool: Pool,
    private readonly env: WebhooksEnv,
  ) {}

  /**
   * All or nothing.
   * @throws LeaseLost when the endpoint is no longer ours: then nothing is written, and its present holder sends again
   */
  async settle(lease: EndpointLease, settlements: readonly Settlement[]): Promise<Standing> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const standing = await this.#write(client, lease, settlements);
      await client.query('commit');
      client.release();
      return standing;
    } catch (error) {
      // A connection that cannot roll back is broken and must not go back into the pool.
      await client.query('rollback').then(
        () => client.release(),
        () => client.release(true),
      );
      throw error;
    }
  }

  async #write(
    client: PoolClient,
    lease: EndpointLease,
    settlements: readonly Settlement[],
  ): Promise<Standing> {
    const { endpointId, token } = lease;
    // Not `for update`, which the foreign keys of deliveries that are being stored would wait for.
    const held = await client.query(
      'select from endpoints where id = $1 and lease_token = $2 for no key update',
      [endpointId, token],
    );
    if (held.rowCount === 0) throw new LeaseLost(endpointId);
    const results = settlements.map(({ delivery: { id, round }, attempt, verdict }) => {
      const { retryAfter: _, ...logged } = attempt;
      const delayMs = verdict.outcome === 'pending' ? verdict.delayMs : null;
      return { id, round, outcome: verdict.outcome, delayMs, ...logged };
    });
    await client.query({
      name: 'webhooks-settle',
      text: settle,
      values: [endpointId, JSON.stringify(results)],
    });
    const failed = results.filter(({ outcome }) => outcome === 'pending').map(({ id }) => id);
    if (failed.length > 0) await client.query(holdBack, [endpointId, failed]);
    return noteHealth(client, lease, settlements, this.env);
  }
}
