import { auditHeadOf } from '@isthmus/contracts';
import { emitMany, event, InsertFence, RetryLoop, type SqlClient, statementsOf } from '@isthmus/messaging';
import type { MikroORM } from '@mikro-orm/postgresql';
import { type BeforeApplicationShutdown, Logger, type OnApplicationBootstrap } from '@nestjs/common';
import type { Pool, PoolClient } from 'pg';
import { acrossTenants } from '../database/tenant-scope.ts';
import { clientIn, inTransaction, transaction } from '../database/transactions.ts';
import { appendToChains, type ChainHead, type ChainLink, type EntryText } from './audit-chain.ts';
import type { AuditHead } from './audit.entity.ts';

const statements = statementsOf<typeof AuditHead>();

const sealEveryMs = 1_000;
const entriesPerTransaction = 1_000;

/**
 * Gives the entries of the audit log their places in the chains of their tenants, and publishes the ends of these chains. In every process
 * of a service; one of them at a time does it. Entries and not commands wait for each other: docs/decisions/0118.
 */
export class AuditLog implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #loops: readonly RetryLoop[];
  #fence?: InsertFence;

  constructor(
    private readonly pool: Pool,
    private readonly orm: MikroORM,
    private readonly service: string,
    publishEveryMs: number,
  ) {
    const log = new Logger(AuditLog.name);
    this.#loops = [
      new RetryLoop({
        name: 'Sealing the audit log',
        run: async () => (await this.seal()) === entriesPerTransaction,
        idleMs: sealEveryMs,
        idleFirst: true,
        log,
      }),
      new RetryLoop({
        name: 'Publishing the head of the audit log',
        run: () => this.publishHeads(),
        idleMs: publishEveryMs,
        idleFirst: true,
        log,
      }),
    ];
  }

  onApplicationBootstrap(): void {
    for (const loop of this.#loops) loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  /**
   * Appends what is committed to the chains, in the order of insertion, except for what was inserted after something that is not over yet.
   * @returns how many entries that were
   */
  seal(): Promise<number> {
    return acrossTenants('seal the audit log', () => this.#seal());
  }

  async #seal(): Promise<number> {
    const { rows } = await this.pool.query<{ waiting: boolean }>(waitingSql);
    if (!rows[0]?.waiting) return 0;
    return inTransaction(this.pool, async (client) => {
      if (!(await lockFor(client, 'seal'))) return 0;
      // A separate statement, after the lock: it sees the entries sealed by the previous holder of the lock.
      const sealed = await sealedPosition(client);
      this.#fence ??= new InsertFence('audit_entries', sealed);
      const upTo = await this.#fence.passable(client);
      const entries = await readEntries(client, sealed, upTo);
      if (entries.length === 0) return 0;
      const heads = await readHeads(client, [...new Set(entries.map(({ tenantId }) => tenantId))]);
      await insertLinks(client, appendToChains(this.service, entries, heads, new Date()));
      return entries.length;
    });
  }

  /** Publishes the ends of the chains that have grown since the last time. */
  publishHeads(): Promise<void> {
    return acrossTenants('publish the heads of the audit log', () => this.#publishHeads());
  }

  #publishHeads(): Promise<void> {
    return transaction(this.orm, async (em) => {
      const client = clientIn(em);
      if (!(await lockFor(client, 'publish'))) return;
      const { rows: grown } = await client.query<PublishedHead>(grownSql);
      if (grown.length === 0) return;
      const contract = auditHeadOf(this.service);
      const events = grown.map(({ tenantId, sequence: version, hash }) =>
        event(contract, { entries: version, hash }, { tenantId, aggregateId: tenantId, version }),
      );
      await emitMany(client, events);
      const publishedAt = new Date();
      await statements(em)
        .insertInto('AuditHead')
        .values(grown.map(({ hash: _, ...head }) => ({ ...head, publishedAt })))
        .onConflict((conflict) =>
          conflict.column('tenantId').doUpdateSet(({ ref }) => ({
            sequence: ref('excluded.sequence'),
            position: ref('excluded.position'),
            publishedAt: ref('excluded.publishedAt'),
          })),
        )
        .execute();
    });
  }
}

interface PublishedHead extends ChainHead {
  tenantId: string;
  position: number;
}

/** Also true after an insertion that was rolled back, until the next one: then there is nothing to seal. */
const waitingSql = `
  select (select case when is_called then last_value else 0 end from audit_entries_position_seq)
    > (select coalesce(max(position), 0) from audit_links) as waiting`;

async function lockFor(client: SqlClient, what: 'seal' | 'publish'): Promise<boolean> {
  const { rows } = await client.query<{ free: boolean }>(
    'select pg_try_advisory_xact_lock(hashtextextended($1, 0)) as free',
    [`isthmus.audit-${what}`],
  );
  return rows[0]!.free;
}

async function sealedPosition(client: PoolClient): Promise<number> {
  const { rows } = await client.query<{ sealed: number }>(
    'select coalesce(max(position), 0)::float8 as sealed from audit_links',
  );
  return rows[0]!.sealed;
}

const isoSql = (column: string): string =>
  `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;

/** An entry as it is hashed: every column as stored in PostgreSQL, JSON in its original text. */
export const entryTextColumns = `e.position::float8 as position, e.tenant_id as "tenantId", ${isoSql('e.time')} as time,
  e.subject, e.channel, e.role, e.action, e.thing_type as "thingType", e.thing_id as "thingId", e.before::text as before,
  e.after::text as after, e.reason, e.correlation_id as "correlationId"`;

export const linkColumns = `l.tenant_id as "tenantId", l.sequence::float8 as sequence, l.position::float8 as position,
  l.previous_hash as "previousHash", l.hash, ${isoSql('l.sealed_at')} as "sealedAt"`;

async function readEntries(client: PoolClient, after: number, upTo: number): Promise<EntryText[]> {
  const { rows } = await client.query<EntryText>({
    name: 'isthmus.audit-unsealed',
    text: `select ${entryTextColumns} from audit_entries e where position > $1 and position <= $2 order by position limit $3`,
    values: [after, upTo, entriesPerTransaction],
  });
  return rows;
}

async function readHeads(
  client: PoolClient,
  tenantIds: readonly string[],
): Promise<ReadonlyMap<string, ChainHead>> {
  const { rows } = await client.query<ChainHead & { tenantId: string }>({
    name: 'isthmus.audit-heads',
    text: `select t.id as "tenantId", h.sequence::float8 as sequence, h.hash from unnest($1::uuid[]) as t(id) cross join lateral
      (select sequence, hash from audit_links where tenant_id = t.id order by sequence desc limit 1) h`,
    values: [tenantIds],
  });
  return new Map(rows.map(({ tenantId, sequence, hash }) => [tenantId, { sequence, hash }]));
}

const insertLinks = (client: PoolClient, links: readonly ChainLink[]): Promise<unknown> =>
  client.query({
    name: 'isthmus.audit-links',
    text: `insert into audit_links (tenant_id, sequence, position, previous_hash, hash, sealed_at)
      select * from unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::timestamptz[])`,
    values: [
      links.map(({ tenantId }) => tenantId),
      links.map(({ sequence }) => sequence),
      links.map(({ position }) => position),
      links.map(({ previousHash }) => previousHash),
      links.map(({ hash }) => hash),
      links.map(({ sealedAt }) => sealedAt),
    ],
  });

/** Each publication covers all chains, so everything behind the last published position is new. */
const grownSql = `
  with grown as (
    select tenant_id, max(sequence) as sequence from audit_links
    where position > (select coalesce(max(position), 0) from audit_heads) group by tenant_id)
  select l.tenant_id as "tenantId", l.sequence::float8 as sequence, l.position::float8 as position, l.hash
  from grown join audit_links l using (tenant_id, sequence)`;
