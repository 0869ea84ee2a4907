import { Client } from 'pg';
import { Agent } from 'undici';
import { settingsOf } from '../stack/program.ts';
import { readPages, type RawSubscription } from './read-pages.ts';

/**
 * The least a full sync can be: pages fetched two ahead, and the columns the mirror keeps upserted by one unnest statement
 * a page. No validation, no hash, no events, no progress, no second index.
 */
const { apiUrl, databaseUrl, tenantId, connectorId } = settingsOf<{
  apiUrl: string;
  databaseUrl: string;
  tenantId: string;
  connectorId: string;
}>();

const columns = [
  'cmp_id text',
  'cmp_account_id text',
  'provider_account_id uuid',
  'name text',
  'status text',
  'auto_renew boolean',
  'creation_date date',
  'renewal_date date',
  'expiration_date date',
  'last_modified_date date',
  'billing_model text',
  'billing_period text',
  'term text',
].map((column) => column.split(' ') as [string, string]);
const names = columns.map(([name]) => name);

const uuidOf = (kind: number, cmpId: string) => `00000000-0000-4000-8${kind}00-${cmpId.padStart(12, '0')}`;
const period = ({ type, duration }: { type: string; duration: number }) =>
  `P${duration}${type[0]!.toUpperCase()}`;

const valuesOf = (rows: readonly RawSubscription[]) => [
  rows.map((row) => row.id),
  rows.map((row) => row.customerId),
  rows.map((row) => uuidOf(1, row.customerId)),
  rows.map((row) => row.name),
  rows.map((row) => row.status),
  rows.map((row) => row.renewalStatus),
  rows.map((row) => row.creationDate),
  rows.map((row) => row.renewalDate),
  rows.map((row) => row.expirationDate),
  rows.map((row) => row.lastModifiedDate),
  rows.map((row) => row.billingModel),
  rows.map((row) => row.billingPeriod && period(row.billingPeriod)),
  rows.map((row) => row.subscriptionPeriod && period(row.subscriptionPeriod)),
];

const upsert = {
  name: 'floor',
  text: `insert into floor as m (id, tenant_id, connector_id, read_at, ${names.join(', ')})
    select u.* from (select id, $1::uuid, $2::uuid, now(), ${names.join(', ')}
      from unnest($3::uuid[], ${columns.map(([, type], n) => `$${n + 4}::${type}[]`).join(', ')}) as r(id, ${names.join(', ')})) u
    on conflict (id) do update set ${['read_at', ...names].map((name) => `${name} = excluded.${name}`).join(', ')}`,
};

const client = new Client({ connectionString: databaseUrl });
await client.connect();
await client.query(`create table floor (id uuid primary key, tenant_id uuid not null, connector_id uuid not null,
  read_at timestamptz not null, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')})`);
const agent = new Agent();

const cpuBefore = process.cpuUsage();
const begun = performance.now();
let rows = 0;
for await (const page of readPages(apiUrl, agent)) {
  await client.query({
    ...upsert,
    values: [tenantId, connectorId, page.map((row) => uuidOf(0, row.id)), ...valuesOf(page)],
  });
  rows += page.length;
}
const ms = performance.now() - begun;
const { user, system } = process.cpuUsage(cpuBefore);
await agent.close();
await client.end();
process.stdout.write(JSON.stringify({ ms, rows, cpu: (user + system) / 1000 }));
