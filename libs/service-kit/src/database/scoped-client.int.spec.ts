import { randomUUID } from 'node:crypto';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { statementsOf } from '@isthmus/messaging';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Pool, type PoolClient } from 'pg';
import { runService, type TestService } from '@isthmus/testing';
import { Note, notesService } from '../../test/notes.fixture.ts';
import { createService } from '../service.ts';
import { TransactionOfAnotherTenant } from './scoped-client.ts';
import { acrossTenants, crossTenantJobs, inTenant } from './tenant-scope.ts';
import { inTransaction, transaction } from './transactions.ts';

const [one, other] = [randomUUID(), randomUUID()];
const noteOf = { [one]: randomUUID(), [other]: randomUUID() };
let notes: TestService;
let pool: Pool;
let orm: { readonly em: EntityManager };

beforeAll(async () => {
  notes = await runService(notesService, { env: { DATABASE_POOL_MAX: '2' } });
  pool = notes.service.get(Pool);
  orm = notes.service.get(MikroORM);
});
afterAll(() => notes.stop());

beforeEach(async () => {
  await notes.pool.query('delete from notes');
  for (const tenant of [one, other])
    await notes.pool.query('insert into notes (id, tenant_id, text) values ($1, $2, $3)', [
      noteOf[tenant],
      tenant,
      `of ${tenant}`,
    ]);
});

const texts = async (on: Pick<Pool, 'query'> | PoolClient = pool) =>
  (await on.query<{ text: string }>('select text from notes order by text')).rows.map(({ text }) => text);

it('shows a tenant its own rows, whoever asks at the same time on the same few connections', async () => {
  const asked = Array.from({ length: 60 }, (_, n) => {
    const tenant = Math.floor(n / 6) % 2 ? one : other;
    return inTenant(tenant, async () => {
      const forms = [
        () => texts(),
        async () =>
          (await pool.query('select text from notes where text <> $1', [''])).rows.map((row) => row.text),
        async () => (await orm.em.fork().find(Note, {})).map(({ text }) => text),
        () => inTransaction(pool, (client) => texts(client)),
        () => transaction(orm, async (em) => (await em.find(Note, {})).map(({ text }) => text)),
        async () =>
          (
            await pool.query({
              name: 'texts',
              text: 'select text from notes where version = $1',
              values: [1],
            })
          ).rows.map(({ text }) => text),
      ];
      expect(await forms[n % forms.length]!()).toEqual([`of ${tenant}`]);
    });
  });
  await Promise.all(asked);
});

it('shows nothing without a tenant, and leaves none behind on a connection', async () => {
  await inTenant(one, () => Promise.all([texts(), texts()]));
  await inTenant(one, () => inTransaction(pool, texts));
  expect(await texts()).toEqual([]);
  expect(await inTransaction(pool, texts)).toEqual([]);
  expect(await orm.em.fork().count(Note)).toBe(0);
  const { rows } = await pool.query(
    `select current_setting('isthmus.tenant', true) as tenant, current_user as role`,
  );
  expect(rows).toEqual([{ tenant: '', role: new URL(notes.env.DATABASE_URL!).username }]);
});

it('lets a tenant neither write nor take a row of another one', async () => {
  const insert = (id: string, tenant: string, conflict = '') =>
    inTenant(one, () =>
      pool.query(`insert into notes (id, tenant_id, text) values ($1, $2, 'taken') ${conflict}`, [
        id,
        tenant,
      ]),
    );
  await expect(insert(randomUUID(), other)).rejects.toMatchObject({ code: '42501' });
  const theirs = noteOf[other]!;
  // By an id that is another tenant's: an error where it would be overwritten, and nothing where nothing was to be done.
  await expect(
    insert(theirs, one, 'on conflict (id) do update set text = excluded.text'),
  ).rejects.toMatchObject({
    code: '42501',
  });
  expect((await insert(theirs, one, 'on conflict do nothing')).rowCount).toBe(0);
  const written = await inTenant(one, () =>
    Promise.all([
      pool.query(`update notes set text = 'taken' where id = $1`, [theirs]),
      pool.query('delete from notes where id = $1', [theirs]),
    ]),
  );
  expect(written.map(({ rowCount }) => rowCount)).toEqual([0, 0]);
  await expect(
    inTenant(one, () => pool.query('update notes set tenant_id = $1', [other])),
  ).rejects.toMatchObject({ code: '42501' });
  expect(await acrossTenants('measure the backlog', () => texts())).toEqual(
    [`of ${one}`, `of ${other}`].sort(),
  );
});

it('writes through entities and statements in the scope of its transaction', async () => {
  await inTenant(one, () =>
    transaction(orm, async (em) => {
      em.create(Note, { id: randomUUID(), tenantId: one, text: 'by entity' } as never);
      await em.flush();
      await statementsOf<typeof Note>()(em).updateTable('Note').set({ text: 'changed' }).execute();
    }),
  );
  const all = await acrossTenants('measure the backlog', () => texts());
  expect(all.toSorted()).toEqual(['changed', 'changed', `of ${other}`].sort());
});

it('keeps a transaction with the tenant that it began with', async () => {
  const begun = inTenant(one, () =>
    inTransaction(pool, async (client) => {
      await texts(client);
      return inTenant(other, () => texts(client));
    }),
  );
  await expect(begun).rejects.toThrow(TransactionOfAnotherTenant);
  await expect(inTransaction(pool, (client) => inTenant(one, () => texts(client)))).rejects.toThrow(
    'began without a tenant',
  );
  expect(await inTenant(one, () => texts())).toEqual([`of ${one}`]);
});

it('narrows a job over all tenants to the tenant whose row it has found', async () => {
  const seen = await acrossTenants('measure the backlog', () =>
    inTransaction(pool, async (client) => {
      const all = await texts(client);
      const own = await inTenant(one, () => texts(client));
      await expect(texts(client)).rejects.toThrow(TransactionOfAnotherTenant);
      return [all.length, own];
    }),
  );
  expect(seen).toEqual([2, [`of ${one}`]]);
  expect(await texts()).toEqual([]);
});

it('narrows it again after a return to a savepoint', async () => {
  const seen = await acrossTenants('measure the backlog', () =>
    inTransaction(pool, async (client) => {
      const own = () => inTenant(one, () => texts(client));
      await client.query('savepoint before');
      const before = await own();
      await client.query('rollback to savepoint before');
      return [before, await own()];
    }),
  );
  expect(seen).toEqual([[`of ${one}`], [`of ${one}`]]);
});

it('goes on after a statement that failed, also one that was to be prepared', async () => {
  await notes.pool.query('alter table notes rename to notes_away');
  const prepared = () =>
    inTenant(one, () => pool.query({ name: 'again', text: 'select text from notes', values: [] }));
  for (let n = 0; n < 4; n += 1) await expect(prepared()).rejects.toMatchObject({ code: '42P01' });
  await notes.pool.query('alter table notes_away rename to notes');
  for (let n = 0; n < 4; n += 1) expect((await prepared()).rows).toEqual([{ text: `of ${one}` }]);
  const bad = inTenant(one, () => pool.query('select $1::int', ['no number']));
  await expect(bad).rejects.toMatchObject({ code: '22P02' });
  // One that cannot even be written down.
  await expect(inTenant(one, () => pool.query('select $1::jsonb', [{ circle: 1n }]))).rejects.toThrow();
  expect(await inTenant(one, () => texts())).toEqual([`of ${one}`]);
});

it('refuses a role that row-level security does not bind, and says what to do', async () => {
  const superuser = new URL(notes.env.ADMIN_DATABASE_URL!);
  superuser.pathname = new URL(notes.env.DATABASE_URL!).pathname;
  const service = await createService(notesService, { ...notes.env, DATABASE_URL: superuser.href });
  await expect(service.get(Pool).query('select 1')).rejects.toThrow(
    /"postgres", which PostgreSQL exempts from row-level security/,
  );
  await service.close();
});

it('has a list of the jobs over all tenants that is complete: each is documented, and done somewhere', async () => {
  const root = join(import.meta.dirname, '../../../..');
  const documented = await readFile(join(root, 'docs/database-roles.md'), 'utf8');
  const sources: string[] = [];
  for await (const file of glob('{apps,libs}/*/src/**/*.ts', { cwd: root })) sources.push(file);
  const code = await Promise.all(
    sources
      .filter((file) => !/spec\.ts$|tenant-scope\.ts$/.test(file))
      .map((file) => readFile(join(root, file), 'utf8')),
  );
  for (const job of Object.keys(crossTenantJobs)) {
    expect(documented).toContain(job);
    expect([job, code.some((text) => text.includes(`'${job}'`))]).toEqual([job, true]);
  }
});
