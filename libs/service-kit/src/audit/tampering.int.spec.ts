import { randomUUID } from 'node:crypto';
import { eventually, type TestService } from '@isthmus/testing';
import { Client } from 'pg';
import { runAuditedNotes } from '../../test/audited-notes.fixture.ts';
import { linkHash } from './audit-chain.ts';
import { AuditLog, entryTextColumns, linkColumns } from './audit-log.job.ts';
import {
  type AuditVerification,
  type HeadsByTenant,
  readWitnessedHeads,
  verifyAudit,
} from './verify-audit.ts';

let notes: TestService;
let client: Client;
let heads: HeadsByTenant;
const [tenant, other] = [randomUUID(), randomUUID()];

/** Two chains: of eight entries with a published end, and of two. */
beforeAll(async () => {
  notes = await runAuditedNotes();
  client = new Client({ connectionString: notes.env.MIGRATION_DATABASE_URL });
  await client.connect();
  const id = randomUUID();
  for (const [index, of] of [tenant, tenant, other, tenant, tenant, other, tenant, tenant].entries())
    await notes.call('PUT', `/v1/notes/${of === tenant ? id : randomUUID()}`, {
      body: { text: `text ${index}`, reason: `reason ${index}` },
      as: { tenant: of },
    });
  for (const last of ['7', '8'])
    await notes.call('PUT', `/v1/notes/${id}`, { body: { text: last, reason: 'why' }, as: { tenant } });
  await eventually(async () => {
    await notes.service.get(AuditLog).seal();
    return (await notes.rows('select from audit_links')).length === 10;
  });
  await notes.service.get(AuditLog).publishHeads();
  for (const { tenantId, data } of await notes.events())
    await client.query(
      `insert into witnessed_audit_heads (tenant_id, service, sequence, hash, published_at) values ($1, 'webhooks', $2, $3, now())`,
      [tenantId, data.entries, data.hash],
    );
  heads = (await readWitnessedHeads(client)).get('webhooks')!;
  await client.query('create table kept_entries as table audit_entries');
  await client.query('create table kept_links as table audit_links');
});
afterAll(async () => {
  await client.end();
  await notes.stop();
});

/** As whoever owns the tables can do it: with triggers off, and constraints gone. */
async function tamper(...statements: string[]): Promise<AuditVerification> {
  for (const table of ['audit_entries', 'audit_links'])
    await client.query(`alter table ${table} disable trigger all`);
  try {
    for (const sql of statements) await client.query(sql);
    return await verifyAudit(client, 'webhooks', heads);
  } finally {
    await client.query(`truncate audit_entries, audit_links;
      insert into audit_entries table kept_entries; insert into audit_links table kept_links`);
    for (const table of ['audit_entries', 'audit_links'])
      await client.query(`alter table ${table} enable trigger all`);
  }
}

const faults = ({ faults: found }: AuditVerification) =>
  found.map(({ sequence, fault }) => [sequence, fault]);
const third = `where position = (select position from audit_links where tenant_id = '${tenant}' and sequence = 3)`;
const thirdLink = `where tenant_id = '${tenant}' and sequence = 3`;

it('is found to be whole when nobody touched it', async () => {
  const { tenants, entries, faults: found } = await tamper();
  expect({ tenants, entries, found }).toEqual({ tenants: 2, entries: 10, found: [] });
  expect(heads.get(tenant)).toMatchObject([{ sequence: 8 }]);
});

it.each(['audit_entries', 'audit_links', 'witnessed_audit_heads'])(
  '%s takes new rows and refuses every other change, from its owner too',
  async (table) => {
    for (const sql of [
      `delete from ${table}`,
      `truncate ${table}`,
      `update ${table} set tenant_id = tenant_id`,
    ])
      await expect(client.query(sql)).rejects.toMatchObject({ code: '42501' });
  },
);

/** Another value of the column's type, for whatever columns there are. */
async function edits(table: string): Promise<[column: string, sql: string][]> {
  const { rows } = await client.query<{ name: string; type: string; nullable: boolean }>(
    `select column_name as name, data_type as type, is_nullable = 'YES' as nullable from information_schema.columns
     where table_schema = 'public' and table_name = $1`,
    [table],
  );
  return rows.flatMap(({ name, type, nullable }): [string, string][] => {
    const changed: Record<string, string> = {
      bigint: `"${name}" + 100`,
      uuid: 'gen_random_uuid()',
      text: name === 'channel' ? `'job'` : name === 'role' ? `'viewer'` : `"${name}" || 'x'`,
      json: `'{"text":"another"}'::json`,
      'timestamp with time zone': `"${name}" + interval '1 millisecond'`,
    };
    const value = changed[type];
    if (value === undefined) throw new Error(`No other value is known for ${table}.${name} of type ${type}.`);
    return [
      [name, value],
      ...(nullable ? [[name, 'null'] as [string, string]] : []),
      ...(type === 'json' ? [[name, `(' ' || "${name}"::text)::json`] as [string, string]] : []),
    ];
  });
}

it('shows any other value of any column of an entry or a link', async () => {
  let tried = 0;
  for (const [table, where] of [
    ['audit_entries', third],
    ['audit_links', thirdLink],
  ] as const) {
    for (const [column, value] of await edits(table)) {
      const { rows } = await client.query(`select "${column}"::text as value from ${table} ${where}`);
      if (rows[0].value === null && value !== `'{"text":"another"}'::json`) continue;
      const found = await tamper(`update ${table} set "${column}" = ${value} ${where}`);
      expect([column, value, faults(found).length > 0]).toEqual([column, value, true]);
      tried += 1;
    }
  }
  expect(tried).toBeGreaterThanOrEqual(22);
});

it('shows which entry was changed', async () => {
  expect(faults(await tamper(`update audit_entries set subject = 'nobody' ${third}`))).toEqual([
    [3, 'changed'],
  ]);
});

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'shows that entry %i is gone, with its link or without',
  async (sequence) => {
    const [where, position] = [
      `where tenant_id = '${tenant}' and sequence = ${sequence}`,
      `where position = (select position from kept_links where tenant_id = '${tenant}' and sequence = ${sequence})`,
    ];
    expect(faults(await tamper(`delete from audit_entries ${position}`))).toEqual([
      [sequence, 'entry-missing'],
    ]);
    expect((await tamper(`delete from audit_links ${where}`)).faults).not.toEqual([]);
    const both = await tamper(`delete from audit_links ${where}`, `delete from audit_entries ${position}`);
    expect(both.faults).not.toEqual([]);
  },
);

it('shows two entries that were swapped, by link or by contents', async () => {
  const links = `update audit_links set sequence = 7 - sequence where tenant_id = '${tenant}' and sequence in (3, 4)`;
  expect(
    faults(await tamper('alter table audit_links drop constraint audit_links_pkey', links, restorePk)),
  ).toContainEqual([3, 'not-bound']);
  const positions = `(select position from kept_links where tenant_id = '${tenant}' and sequence in (3, 4))`;
  const contents = `update audit_entries a set time = b.time, before = b.before, after = b.after, reason = b.reason,
    correlation_id = b.correlation_id from kept_entries b
    where a.position in ${positions} and b.position in ${positions} and a.position <> b.position`;
  expect(faults(await tamper(contents))).toEqual([
    [3, 'changed'],
    [4, 'changed'],
  ]);
});

const restorePk = 'alter table audit_links add primary key (tenant_id, sequence)';

it.each([1, 2, 5, 8])('shows that the last %i entries are gone', async (count) => {
  const gone = `tenant_id = '${tenant}' and sequence > ${8 - count}`;
  const found = await tamper(
    `delete from audit_entries where position in (select position from audit_links where ${gone})`,
    `delete from audit_links where ${gone}`,
  );
  expect(faults(found)).toEqual([[8, 'tail-missing']]);
});

it('shows an entry that was put in between, without a link or with one', async () => {
  const early = `insert into audit_entries select (select min(position) - 1 from kept_entries), tenant_id, time, subject, channel, role,
    action, thing_type, thing_id, before, after, reason, correlation_id from kept_entries ${third.replace('audit_links', 'kept_links')}`;
  expect(faults(await tamper(early))).toEqual([[0, 'not-sealed']]);
  const link = `insert into audit_links select tenant_id, 9, (select min(position) from audit_entries), hash, 'x', sealed_at
    from kept_links where tenant_id = '${tenant}' and sequence = 8`;
  expect(faults(await tamper(early, link))).toContainEqual([9, 'changed']);
});

it('shows a chain that was forged anew from some entry on, although all of it fits', async () => {
  const { rows } = await client.query(
    `select (select row_to_json(x) from (select ${linkColumns}) x) as link,
       (select row_to_json(x) from (select ${entryTextColumns}) x) as entry
     from audit_links l join audit_entries e using (position) where l.tenant_id = $1 and l.sequence >= 5 order by l.sequence`,
    [tenant],
  );
  let { previousHash } = rows[0].link;
  const forged = rows.map(({ link, entry }) => {
    const place = { ...link, previousHash };
    const hash = linkHash('webhooks', place, { ...entry, subject: 'somebody else' });
    const sql = `update audit_links set previous_hash = '${previousHash}', hash = '${hash}' where tenant_id = '${tenant}' and sequence = ${link.sequence}`;
    previousHash = hash;
    return [sql, `update audit_entries set subject = 'somebody else' where position = ${link.position}`];
  });
  expect(faults(await tamper(...forged.flat()))).toEqual([[8, 'head-differs']]);
});

it('shows that all of a tenant is gone, and that ends are not published any more', async () => {
  const all = ['audit_entries', 'audit_links'].map(
    (table) => `delete from ${table} where tenant_id = '${other}'`,
  );
  expect((await tamper(...all)).faults).toMatchObject([{ tenantId: other, fault: 'tail-missing' }]);
  const later = new Date(Date.now() + 3_600_000);
  const known = new Map([[tenant, heads.get(tenant)!]]);
  expect((await verifyAudit(client, 'webhooks', known, later)).faults).toMatchObject([
    { tenantId: other, sequence: 2, fault: 'not-published' },
  ]);
});

it('shows two ends that were published for one place', async () => {
  const both = new Map([[tenant, [...heads.get(tenant)!, { sequence: 8, hash: 'a'.repeat(43) }]]]);
  expect((await verifyAudit(client, 'webhooks', both)).faults).toMatchObject([
    { sequence: 8, fault: 'head-differs' },
  ]);
});

it('belongs to one service: the chain of another does not pass for it', async () => {
  expect((await verifyAudit(client, 'account-sync', undefined)).faults).toHaveLength(10);
});
