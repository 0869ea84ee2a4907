import { setTimeout as sleep } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import type { CmpCustomer } from '@isthmus/cmp-client';
import { ProviderAccountChangedV1 } from '@isthmus/contracts';
import { emitMany, event } from '@isthmus/messaging';
import {
  changesOf,
  inTransaction,
  mirrorRow,
  mirrorSql,
  writeChanges,
  type ChangeOrigin,
} from '@isthmus/sync-engine';
import { Pool, type PoolClient } from 'pg';
import { accountMirror } from './account.mirror.ts';

/** Of the asker; one customer comes of it. */
export interface CreationKey {
  tenantId: string;
  connectorId: string;
  key: string;
}

export interface AccountCreation {
  /** When a POST may last have left us. */
  sentAt: Date | null;
  /** The customer, once it is known. */
  cmpId: string | null;
}

const where = 'tenant_id = $1 and connector_id = $2 and key = $3';
const idOf = ({ tenantId, connectorId, key }: CreationKey) => [tenantId, connectorId, key];
const sql = mirrorSql(accountMirror);

/** What is known of customers to be made: stored before CMP is asked, so that whoever comes later looks before it asks again. */
@Injectable()
export class AccountCreations {
  constructor(private readonly pool: Pool) {}

  /** One at a time for each key, in all processes; answers nothing when the deadline passes first. */
  async alone<T>(of: CreationKey, deadline: Date, work: () => Promise<T>): Promise<T | undefined> {
    while (Date.now() < deadline.getTime()) {
      const client = await this.pool.connect();
      try {
        const lock = [`create-account ${idOf(of).join(' ')}`];
        const text = 'select pg_try_advisory_lock(hashtextextended($1, 0)) as mine';
        const { rows } = await client.query<{ mine: boolean }>(text, lock);
        if (rows[0]?.mine)
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

  async take(of: CreationKey): Promise<AccountCreation> {
    await this.pool.query(
      'insert into account_creations (tenant_id, connector_id, key) values ($1, $2, $3) on conflict do nothing',
      idOf(of),
    );
    const { rows } = await this.pool.query<AccountCreation>(
      `select sent_at as "sentAt", cmp_id as "cmpId" from account_creations where ${where}`,
      idOf(of),
    );
    return rows[0]!;
  }

  /** Before the POST leaves us. */
  async sending(of: CreationKey): Promise<void> {
    await this.pool.query(`update account_creations set sent_at = now() where ${where}`, idOf(of));
  }

  /** It certainly did not reach CMP, or CMP said no. */
  async notSent(of: CreationKey): Promise<void> {
    await this.pool.query(`update account_creations set sent_at = null where ${where}`, idOf(of));
  }

  /** Puts the customer into the mirror, with the domain that is to be its own, and says so; answers our id of it. */
  created(
    of: CreationKey,
    customer: CmpCustomer,
    customDomain: string | undefined,
    asOf: Date,
  ): Promise<string> {
    const row = mirrorRow(accountMirror, of, customer);
    const origin = { tenantId: of.tenantId, connectorId: of.connectorId, asOf: asOf.toISOString() };
    return inTransaction(this.pool, async (client) => {
      const differences = await changesOf(client, accountMirror, sql, [row]);
      const { events = [] } = await writeChanges(client, accountMirror, sql, differences, origin);
      await emitMany(client, events);
      if (customDomain) await give(client, origin, { id: row.id, customer, customDomain });
      await client.query(`update account_creations set cmp_id = $4 where ${where}`, [
        ...idOf(of),
        customer.id,
      ]);
      return row.id;
    });
  }
}

/** The asker's word on the domain stands for a person's. */
async function give(
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
