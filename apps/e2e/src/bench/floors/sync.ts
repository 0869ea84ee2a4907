import { defaultAccounts } from '@isthmus/cmp-simulator';
import { Client } from 'pg';
import { Agent, request } from 'undici';
import { settingsOf } from '../stack/processes.ts';

export interface RawSubscription {
  id: string;
  name: string;
  customerId: string;
  status: string;
  renewalStatus: boolean;
  creationDate: string;
  renewalDate?: string;
  lastModifiedDate: string;
  expirationDate?: string;
  billingModel: string;
  billingPeriod: { type: string; duration: number };
  subscriptionPeriod: { type: string; duration: number };
}

const size = 500;
const [account] = defaultAccounts;

interface Page {
  data: RawSubscription[];
  pagination: { total: number };
}

/** Signs in to CMP; returns a function that reads the page at an offset. */
export async function pageReader(
  apiUrl: string,
  dispatcher: Agent,
): Promise<(offset: number) => Promise<Page>> {
  const headers = { 'x-subscription-key': account.subscriptionKey, 'content-type': 'application/json' };
  const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  const answer = await request(`${apiUrl}/token`, {
    method: 'POST',
    headers: { ...headers, authorization: `Basic ${basic}` },
    body: JSON.stringify({ marketplace: account.marketplace }),
    dispatcher,
  });
  const { token } = (await answer.body.json()) as { token: string };
  return async (offset) => {
    const url = `${apiUrl}/subscriptions?offset=${offset}&limit=${size}`;
    const page = await request(url, {
      headers: { ...headers, authorization: `Bearer ${token}` },
      dispatcher,
    });
    return JSON.parse(await page.body.text()) as Page;
  };
}

/** CMP's subscriptions page by page; two pages are requested in advance, and nothing is checked. */
export async function* readPages(apiUrl: string, dispatcher: Agent): AsyncGenerator<RawSubscription[]> {
  const read = await pageReader(apiUrl, dispatcher);
  const ahead = [read(0), read(size), read(2 * size)];
  for (let offset = 0, total = Infinity; offset < total; offset += size) {
    const page = await ahead.shift()!;
    total = page.pagination.total;
    if (offset + 3 * size < total) ahead.push(read(offset + 3 * size));
    yield page.data;
  }
}

/** The least that a sync without changes can take: every page is fetched and parsed, and nothing is done with it. */
async function fetchAndParse({ apiUrl }: { apiUrl: string }) {
  const agent = new Agent();
  const begun = performance.now();
  let rows = 0;
  for await (const page of readPages(apiUrl, agent)) rows += page.length;
  const ms = performance.now() - begun;
  await agent.close();
  return { ms, rows };
}

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

/**
 * The least that a full sync can take: pages are fetched two in advance, and the columns of the mirror are upserted with one unnest
 * statement per page. No validation, no hash, no events, no progress, no second index.
 */
async function fetchAndUpsert(settings: {
  apiUrl: string;
  databaseUrl: string;
  tenantId: string;
  connectorId: string;
}) {
  const { apiUrl, databaseUrl, tenantId, connectorId } = settings;
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query(`create table floor (id uuid primary key, tenant_id uuid not null, connector_id uuid not null,
  read_at timestamptz not null, ${columns.map(([name, type]) => `${name} ${type}`).join(', ')})`);
  const agent = new Agent();

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
  await agent.close();
  await client.end();
  return { ms, rows };
}

/** Run as a program: with a database it writes the pages there, without one it only reads them. */
if (import.meta.main) {
  const settings = settingsOf<Parameters<typeof fetchAndUpsert>[0]>();
  const done = settings.databaseUrl ? await fetchAndUpsert(settings) : await fetchAndParse(settings);
  process.stdout.write(JSON.stringify(done));
}
