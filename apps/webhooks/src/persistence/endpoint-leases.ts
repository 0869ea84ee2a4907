import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import type { EndpointLease } from '../delivering/attempt.ts';

const claim = `
  update endpoints set lease_token = lease_token + 1, lease_until = now() + $1 * interval '1 ms'
  where id = (
    select e.id from endpoints e
    where e.status = 'enabled' and (e.lease_until is null or e.lease_until < now())
      and (e.held_until is null or e.held_until <= now())
      and exists (select from deliveries d where d.endpoint_id = e.id and d.status = 'pending' and d.next_attempt_at <= now())
    order by e.lease_token limit 1 for no key update skip locked)
  returning id as "endpointId", tenant_id as "tenantId", lease_token::float8 as token`;

/**
 * Who delivers to which endpoint. One process at a time has an endpoint, so that order and the number of requests under way
 * are kept in memory; processes share the endpoints among them. By the database's clock.
 */
@Injectable()
export class EndpointLeases {
  constructor(private readonly pool: Pool) {}

  /** An endpoint that something is due for and nobody has; the one that was served least often first. */
  async claim(leaseMs: number): Promise<EndpointLease | undefined> {
    const { rows } = await this.pool.query<EndpointLease>(claim, [leaseMs]);
    return rows[0];
  }

  /** False when somebody else has it now. */
  async renew({ endpointId, token }: EndpointLease, leaseMs: number): Promise<boolean> {
    const { rowCount } = await this.pool.query(
      `update endpoints set lease_until = now() + $3 * interval '1 ms' where id = $1 and lease_token = $2`,
      [endpointId, token, leaseMs],
    );
    return rowCount === 1;
  }

  async release({ endpointId, token }: EndpointLease): Promise<void> {
    await this.pool.query('update endpoints set lease_until = null where id = $1 and lease_token = $2', [
      endpointId,
      token,
    ]);
  }
}
