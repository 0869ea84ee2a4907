import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Note, type RunningNotes, runNotes } from '../../test/notes.fixture.ts';
import { Pool } from 'pg';
import { inTenant } from './tenant-scope.ts';
import { inTransaction, transaction } from './transactions.ts';

let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes({}, { DATABASE_POOL_MAX: '3' });
});
afterAll(() => notes.close());

const cutOff = `select pg_terminate_backend(pg_backend_pid())`;

it('transactions cut off by the server do not use the pool up', async () => {
  const orm = notes.service.get(MikroORM);
  for (let i = 0; i < 10; i += 1)
    await expect(transaction(orm, (em) => em.execute(cutOff))).rejects.toThrow();
  expect(await transaction(orm, (em) => em.execute('select 1 as one'))).toEqual([{ one: 1 }]);
});

it('nor do those that were cut off between their last statement and their commit', async () => {
  const orm = notes.service.get(MikroORM);
  const tenantId = crypto.randomUUID();
  for (let i = 0; i < 10; i += 1) {
    const cut = async (em: EntityManager) => {
      const [{ pid }] = (await em.execute<{ pid: number }[]>('select pg_backend_pid() as pid')) as [
        { pid: number },
      ];
      await orm.em.fork().execute('select pg_terminate_backend(?)', [pid]);
      await new Promise((resolve) => setTimeout(resolve, 20));
      em.create(Note, { id: crypto.randomUUID(), tenantId, text: 'lost', version: 1 });
    };
    await expect(inTenant(tenantId, () => transaction(orm, cut))).rejects.toThrow();
  }
  expect(await inTenant(tenantId, () => orm.em.fork().count(Note, { text: 'lost' }))).toBe(0);
});

it('a domain error still rolls back and frees its connection', async () => {
  const orm = notes.service.get(MikroORM);
  const tenantId = crypto.randomUUID();
  await inTenant(tenantId, async () => {
    for (let i = 0; i < 5; i += 1) {
      const failing = transaction(orm, async (em) => {
        em.create(Note, { id: crypto.randomUUID(), tenantId, text: 'undone', version: 1 });
        await em.flush();
        throw new Error('no');
      });
      await expect(failing).rejects.toThrow('no');
    }
    expect(await orm.em.fork().count(Note, { text: 'undone' })).toBe(0);
  });
});

it('plain statements commit together, or none of them does', async () => {
  const pool = notes.service.get(Pool);
  const tenantId = crypto.randomUUID();
  const write = (text: string) => ({
    text: 'insert into notes (id, tenant_id, text) values ($1, $2, $3)',
    values: [crypto.randomUUID(), tenantId, text],
  });
  await inTenant(tenantId, async () => {
    expect(await inTransaction(pool, async (client) => (await client.query(write('kept'))).rowCount)).toBe(1);
    const failing = inTransaction(pool, async (client) => {
      await client.query(write('undone'));
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    const { rows } = await pool.query(`select text from notes where text in ('kept', 'undone')`);
    expect(rows).toEqual([{ text: 'kept' }]);
  });
});

it('and a connection that broke among them is not given back to the pool', async () => {
  const pool = notes.service.get(Pool);
  for (let i = 0; i < 10; i += 1)
    await expect(inTransaction(pool, (client) => client.query(cutOff))).rejects.toThrow();
  expect(await inTransaction(pool, (client) => client.query('select 1 as one'))).toMatchObject({
    rows: [{ one: 1 }],
  });
});
