import { MikroORM } from '@mikro-orm/postgresql';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';
import { schemaDrift } from './database.ts';

let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes();
});
afterAll(() => notes.close());

it('the SQL of idempotency keys, of messaging and of the entities say the same', async () => {
  expect(await schemaDrift(notes.service.get(MikroORM))).toBe('');
});

it('drift is noticed', async () => {
  const orm = notes.service.get(MikroORM);
  await orm.em.getConnection().execute('alter table idempotency_keys drop column body_hash');
  expect(await schemaDrift(orm)).toMatch(/add.*body_hash/);
});

it('migrating again does nothing', async () => {
  expect(await notes.service.migrate()).toEqual([]);
});
