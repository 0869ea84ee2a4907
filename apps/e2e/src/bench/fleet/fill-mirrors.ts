import { randomUUID } from 'node:crypto';
import { mirrorId } from '@isthmus/sync-engine';
import { eventually } from '@isthmus/testing';
import type { Pool } from 'pg';

export interface FleetConnector {
  id: string;
  tenantId: string;
  /** Its user at CMP. */
  user: string;
}

/**
 * Reads CMP through the first connector and copies what that leaves for all others, which list the same records: their mirrors differ in
 * ids, and in the hashes over them. At CMP's limits, the first syncs would take days.
 */
export async function fillMirrors(pool: Pool, connectors: readonly FleetConnector[]): Promise<void> {
  const [first, ...others] = connectors as [FleetConnector, ...FleetConnector[]];
  for (const [scope, depth] of [
    ['accounts', 'full'],
    ['reports', 'incremental'],
    ['subscriptions', 'full'],
    ['subscriptions', 'incremental'],
    ['subscriptions', 'scrub'],
  ] as const)
    await runToItsEnd(pool, first, scope, depth);
  // As a tick leaves it that has seen an order.
  await pool.query(
    `insert into order_cursors (connector_id, tenant_id, newest) values ($1, $2, now() - interval '1 day') on conflict do nothing`,
    [first.id, first.tenantId],
  );
  const [wrong] = (
    await pool.query(`select count(*)::int as n from (${hashes('provider_account_id')}) h
    where h.listed <> h.stored or (h.detail <> h.stored_detail)`)
  ).rows as [{ n: number }];
  if (wrong.n > 0) throw new Error(`The hashes of ${wrong.n} subscriptions cannot be computed here.`);
  for (let from = 0; from < others.length; from += 50) {
    await copyMirrors(pool, first, others.slice(from, from + 50));
    process.stderr.write(`\r  mirrors filled: ${Math.min(from + 51, connectors.length)}`);
  }
  process.stderr.write('\n');
  // So long ago that everything is due once it has a schedule.
  await pool.query(
    `update sync_runs set created_at = created_at - interval '25 hours', started_at = started_at - interval '25 hours',
       finished_at = finished_at - interval '25 hours', heartbeat_at = heartbeat_at - interval '25 hours'`,
  );
  await pool.query('vacuum analyze');
  await pool.query('checkpoint');
}

async function runToItsEnd(
  pool: Pool,
  { id: connectorId, tenantId }: FleetConnector,
  scope: string,
  depth: string,
) {
  const id = randomUUID();
  await pool.query(
    `insert into sync_runs (id, tenant_id, connector_id, scope, depth, trigger, requested_by, status, counts, enqueued_at, created_at)
     values ($1, $2, $3, $4, $5, 'schedule', 'schedule', 'queued',
       '{"read":0,"appeared":0,"changed":0,"ended":0,"unchanged":0,"setAside":0,"skipped":0,"failed":0,"calls":0}', now(), now())`,
    [id, tenantId, connectorId, scope, depth],
  );
  await pool.query('notify sync_runs_due');
  await eventually(
    async () => {
      const { rows } = await pool.query<{ status: string; failure: unknown }>(
        'select status, failure from sync_runs where id = $1',
        [id],
      );
      const { status, failure } = rows[0]!;
      if (status === 'failed' || status === 'awaiting-approval') throw new Error(JSON.stringify(failure));
      return status === 'succeeded';
    },
    { withinMs: 600_000, everyMs: 100 },
  );
}

const columnEnd = `'\\x1f'::bytea`;
/** As `mirrorRow` of libs/sync-engine hashes the values of a record. */
const hashOf = (values: readonly string[]): string =>
  `md5(${values.map((value) => `coalesce(convert_to(${value}, 'UTF8'), '\\x00'::bytea)`).join(` || ${columnEnd} || `)})`;

const listed = (account: string) =>
  [
    'm.cmp_id',
    'm.cmp_account_id',
    `${account}::text`,
    ...['name', 'status', 'auto_renew', 'creation_date', 'renewal_date', 'expiration_date'],
    ...['last_modified_date', 'billing_model', 'billing_period', 'term'],
  ].map((column) => (column.includes('::') || column.includes('.') ? column : `m.${column}::text`));

const details = (account: string) => [
  ...listed(account),
  hashOf(listed(account)),
  ...['quantity', 'lines', 'plan_id', 'microsoft_domain', 'microsoft_tenant_id'].map(
    (name) => `m.${name}::text`,
  ),
];

const hashes = (account: string): string =>
  `select ${hashOf(listed(`m.${account}`))}::uuid as listed, m.hash as stored,
     case when m.detail_hash is not null then ${hashOf(details(`m.${account}`))}::uuid end as detail, m.detail_hash as stored_detail
   from provider_subscriptions m`;

/** Our ids of a connector's records begin with these 18 characters, followed by CMP's number. */
const prefix = (owner: { tenantId: string; id: string }, kind: string): string =>
  mirrorId({ tenantId: owner.tenantId, connectorId: owner.id }, kind, '1').slice(0, 18);

async function copyMirrors(pool: Pool, first: FleetConnector, to: readonly FleetConnector[]): Promise<void> {
  const parameters = [
    first.id,
    to.map(({ id }) => id),
    to.map(({ tenantId }) => tenantId),
    to.map((one) => prefix(one, 'provider-account')),
    to.map((one) => prefix(one, 'provider-subscription')),
  ];
  const target = `unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[]) as t(connector, tenant, accounts, subscriptions)`;
  const copy = async (table: string, replaced: Record<string, string>) => {
    const { rows } = await pool.query<{ name: string }>(
      `select quote_ident(column_name) as name from information_schema.columns where table_name = $1 order by ordinal_position`,
      [table],
    );
    const names = rows.map(({ name }) => name);
    const values = names.map((name) => replaced[name] ?? `m.${name}`);
    await pool.query(
      `insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from ${table} m, ${target}
       where m.connector_id = $1 and $4::text[] is not null and $5::text[] is not null`,
      parameters,
    );
  };
  const owner = { connector_id: 't.connector', tenant_id: 't.tenant' };
  const account = '(t.accounts || substr(m.provider_account_id::text, 19))::uuid';
  await copy('provider_accounts', { ...owner, id: '(t.accounts || substr(m.id::text, 19))::uuid' });
  await copy('provider_subscriptions', {
    ...owner,
    id: '(t.subscriptions || substr(m.id::text, 19))::uuid',
    provider_account_id: account,
    hash: `${hashOf(listed(account))}::uuid`,
    listed_hash: `case when m.listed_hash is not null then ${hashOf(listed(account))}::uuid end`,
    detail_hash: `case when m.detail_hash is not null then ${hashOf(details(account))}::uuid end`,
  });
  await copy('order_cursors', owner);
  // As reports that have been imported: an import is something that changes.
  await copy('rated_reports', { ...owner, id: 'gen_random_uuid()' });
  await copy('sync_runs', { ...owner, id: 'gen_random_uuid()' });
}
