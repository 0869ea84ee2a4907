import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { DueDelivery, EndpointLease, Target } from '../delivering/attempt.ts';
import { SecretVault } from './secret-vault.ts';
import type { StoredFacts } from '../domain/cloud-event.ts';

const target = `
  select e.url, e.failing_since is not null as failing,
    (select coalesce(json_agg(json_build_object('sealed', s.sealed, 'version', s.version) order by s.version desc), '[]')
     from endpoint_secrets s where s.endpoint_id = e.id and (s.expires_at is null or s.expires_at > now())) as secrets
  from endpoints e
  where e.id = $1 and e.lease_token = $2 and e.status = 'enabled' and (e.held_until is null or e.held_until <= now())`;

const due = `
  select d.id, d.round, d.tries, d.in_order as "inOrder", d.aggregate, e.id as "eventId", e.source, e.type, e.time, e.subject,
    e.tenant_id as "tenantId", e.correlation_id as "correlationId", e.aggregate_version::float8 as "aggregateVersion",
    e.traceparent, e.data::text as data
  from deliveries d join events e on e.id = d.event_id
  where d.endpoint_id = $1 and d.status = 'pending' and d.next_attempt_at <= now() and not d.id = any($2)
  order by d.position limit $3`;

type TargetRow = Omit<Target, 'secrets'> & { secrets: { sealed: string; version: number }[] };
type Row = Omit<DueDelivery, 'event'> & Omit<StoredFacts, 'id'> & { eventId: string };

/** What is to be sent to an endpoint now. */
@Injectable()
export class DueDeliveries {
  constructor(
    private readonly pool: Pool,
    private readonly vault: SecretVault,
  ) {}

  /**
   * Undefined when the endpoint is no longer ours or must not be sent to.
   * @throws SecretKeyMissing, SecretNotOpened
   */
  async target({ endpointId, tenantId, token }: EndpointLease): Promise<Target | undefined> {
    const { rows } = await this.pool.query<TargetRow>(target, [endpointId, token]);
    const [row] = rows;
    return row && { ...row, secrets: this.vault.open({ id: endpointId, tenantId }, row.secrets) };
  }

  /** The first in line, those in hand left out. */
  async take(
    { endpointId }: EndpointLease,
    inHand: readonly string[],
    limit: number,
  ): Promise<DueDelivery[]> {
    const { rows } = await this.pool.query<Row>({
      name: 'webhooks-due',
      text: due,
      values: [endpointId, inHand, limit],
    });
    return rows.map(({ id, round, tries, inOrder, aggregate, eventId, ...event }) => ({
      id,
      round,
      tries,
      inOrder,
      aggregate,
      event: { id: eventId, ...event },
    }));
  }
}
