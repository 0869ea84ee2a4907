import { EndpointDisabledV1, EndpointFailingV1, type DisablingReason } from '@isthmus/contracts';
import { emitMany, event, type NewEvent } from '@isthmus/messaging';
import type { ClientBase } from 'pg';
import { failureOf, type EndpointLease, type Settlement, type Standing } from '../delivering/attempt.ts';

export interface HealthRules {
  WEBHOOK_FAILING_SECONDS: number;
  WEBHOOK_DISABLE_SECONDS: number;
}

interface Health {
  url: string;
  status: 'enabled' | 'disabled';
  version: number;
  failingSince: Date;
  failingSaid: boolean;
  /** Whether it has been failing for long enough to say so, and to give up. */
  sayIt: boolean;
  giveUp: boolean;
}

const failed = `
  update endpoints set failing_since = coalesce(failing_since, now()), last_failure = $2,
    held_until = case when $3::float8 > 0 then greatest(held_until, now() + $3 * interval '1 ms') else held_until end
  where id = $1
  returning url, status, version, failing_since as "failingSince", failing_said as "failingSaid",
    failing_since <= now() - $4 * interval '1 s' as "sayIt", failing_since <= now() - $5 * interval '1 s' as "giveUp"`;

const disable = `
  with disabled as (
    update endpoints set status = 'disabled', disabled_at = now(), disabled_reason = $2, updated_at = now(),
      version = version + 1
    where id = $1 and status = 'enabled'
    returning id
  )
  update deliveries set status = 'undelivered' from disabled where endpoint_id = disabled.id and deliveries.status = 'pending'`;

/**
 * Notes how an endpoint fares after some attempts, in their transaction, and says so when it matters. One success makes it
 * well again.
 */
export async function noteHealth(
  client: ClientBase,
  { endpointId, tenantId }: EndpointLease,
  settlements: readonly Settlement[],
  rules: HealthRules,
): Promise<Standing> {
  const failures = settlements.filter(({ verdict }) => verdict.outcome !== 'delivered');
  const last = failures.at(-1);
  if (!last || failures.length < settlements.length) {
    await client.query(
      `update endpoints set failing_since = null, failing_said = false, last_failure = null
       where id = $1 and failing_since is not null`,
      [endpointId],
    );
  }
  if (!last) return 'open';
  const holdMs = Math.max(...failures.map(({ verdict }) => ('holdMs' in verdict ? verdict.holdMs : 0)));
  const lastFailure = failureOf(last.attempt);
  const { rows } = await client.query<Health>(failed, [
    endpointId,
    lastFailure,
    holdMs,
    rules.WEBHOOK_FAILING_SECONDS,
    rules.WEBHOOK_DISABLE_SECONDS,
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
  const gone = failures.some(({ verdict }) => verdict.outcome === 'undelivered' && verdict.gone);
  if (gone || health.giveUp) {
    const reason: DisablingReason = gone ? 'gone' : 'failing';
    await client.query(disable, [endpointId, reason]);
    await say(client, event(EndpointDisabledV1, { ...facts, reason }, about));
    return 'disabled';
  }
  if (health.sayIt && !health.failingSaid) {
    await client.query('update endpoints set failing_said = true, version = version + 1 where id = $1', [
      endpointId,
    ]);
    await say(client, event(EndpointFailingV1, facts, about));
  }
  return holdMs > 0 ? 'held' : 'open';
}

const say = (client: ClientBase, news: NewEvent): Promise<void> => emitMany(client, [news]);
