import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { CmpCustomer } from '@isthmus/cmp-client';
import { ProviderAccountChangedV1 } from '@isthmus/contracts';
import { emitMany, event } from '@isthmus/messaging';
import { type Actor, apiKeyActor, audit, inTransaction, type Role, serviceActor } from '@isthmus/service-kit';
import { mirrorId, writeRecords, type ChangeOrigin } from '@isthmus/sync-engine';
import { Pool, type PoolClient } from 'pg';
import { accountMirror } from './account.mirror.ts';

/** The caller's idempotency key: one customer is created for it. */
interface CreationKey {
  tenantId: string;
  connectorId: string;
  key: string;
}

/** The actor, for the audit log. */
interface Creator {
  /** The holder of the API key, or of a token with this role. */
  requestedBy?: string;
  role?: string;
  correlationId?: string;
}

interface AccountCreation {
  /** Latest time at which a POST may have been sent. */
  sentAt: Date | null;
  /** The customer, once it is known. */
  cmpId: string | null;
}

const where = 'tenant_id = $1 and connector_id = $2 and key = $3';
const columnsOf = ({ tenantId, connectorId, key }: CreationKey) => [tenantId, connectorId, key];

/**
 * Customers being created: stored before CMP is called, so that a repeated request searches for the customer before sending
 * again.
 */
@Injectable()
export class AccountCreations {
  constructor(private readonly pool: Pool) {}

  /** Runs `work` for one caller at a time per key, across processes; undefined if the deadline passes first. */
  async exclusively<T>(key: CreationKey, deadline: Date, work: () => Promise<T>): Promise<T | undefined> {
    while (Date.now() < deadline.getTime()) {
      const client = await this.pool.connect();
      try {
        const lock = [`create-account ${columnsOf(key).join(' ')}`];
        const text = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as locked';
        const { rows } = await client.query<{ locked: boolean }>(text, lock);
        if (rows[0]?.locked)
          return await work().finally(() =>
            client.query('select pg_advisory_unlock(hashtextextended($1, 0))', lock),
          );
      } finally {
        client.release();
      }
      await sleep(100);
    }
    return undefined;
  }

  /** The recorded state of this creation; it is recorded if it is new. */
  async begin(key: CreationKey): Promise<AccountCreation> {
    await this.pool.query(
      'insert into account_creations (tenant_id, connector_id, key) values ($1, $2, $3) on conflict do nothing',
      columnsOf(key),
    );
    const { rows } = await this.pool.query<AccountCreation>(
      `select sent_at as "sentAt", cmp_id as "cmpId" from account_creations where ${where}`,
      columnsOf(key),
    );
    return rows[0]!;
  }

  /** Must be called before the POST is sent. */
  async markSending(key: CreationKey): Promise<void> {
    await this.pool.query(`update account_creations set sent_at = now() where ${where}`, columnsOf(key));
  }

  /** The request certainly did not reach CMP, or CMP rejected it. */
  async markNotSent(key: CreationKey): Promise<void> {
    await this.pool.query(`update account_creations set sent_at = null where ${where}`, columnsOf(key));
  }

  /** Stores the customer in the mirror, with its custom domain, and publishes that; returns our id. */
  complete(
    key: CreationKey,
    customer: CmpCustomer,
    customDomain: string | undefined,
    asOf: Date,
    { requestedBy, role, correlationId }: Creator = {},
  ): Promise<string> {
    const id = mirrorId(key, accountMirror.kind, customer.id);
    const origin = { tenantId: key.tenantId, connectorId: key.connectorId, asOf: asOf.toISOString() };
    return inTransaction(this.pool, async (client) => {
      const { events = [] } = await writeRecords(client, accountMirror, origin, [customer]);
      await emitMany(client, events);
      if (customDomain) await setCustomDomain(client, origin, { id, customer, customDomain });
      await client.query(`update account_creations set cmp_id = $4 where ${where}`, [
        ...columnsOf(key),
        customer.id,
      ]);
      const { tenantId, connectorId } = key;
      await audit(client, {
        ...{ tenantId, action: 'provider-account.create', thing: ['provider-account', id], correlationId },
        after: { connectorId, cmpAccountId: customer.id, name: customer.name, customDomain },
        by: actorOf(requestedBy, role),
      });
      return id;
    });
  }
}

/** Without a name it was the Rest Provider. */
function actorOf(requestedBy: string | undefined, role: string | undefined): Actor {
  if (requestedBy === undefined) return serviceActor('rest-provider');
  return role === undefined
    ? apiKeyActor(requestedBy)
    : { subject: requestedBy, channel: 'console', role: role as Role };
}

/** The domain in the request counts as set by a user. */
async function setCustomDomain(
  client: PoolClient,
  { tenantId, connectorId, asOf }: ChangeOrigin,
  { id, customer, customDomain }: { id: string; customer: CmpCustomer; customDomain: string },
): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    `update provider_accounts set custom_domain = $3, custom_domain_source = 'manual', version = version + 1
     where tenant_id = $1 and id = $2 and custom_domain is null returning version`,
    [tenantId, id, customDomain],
  );
  if (!rows[0]) return;
  const { id: cmpAccountId, name, status, externalId } = customer;
  const account = {
    connectorId,
    providerAccountId: id,
    cmpAccountId,
    name,
    status,
    customDomain,
    externalId,
  };
  const data = { ...account, changed: ['customDomain'], asOf };
  const facts = { tenantId, aggregateId: id, version: rows[0].version };
  await emitMany(client, [event(ProviderAccountChangedV1, data, facts)]);
}
