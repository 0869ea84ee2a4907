import { schemaDifferences } from '@isthmus/testing';
import { notesService, runNotes } from '../../test/notes.fixture.ts';

it('the SQL of idempotency keys, of messaging and of the entities say the same', async () => {
  expect(await schemaDifferences(notesService)).toEqual({ wrong: [], undeclared: [] });
});

it('migrating again does nothing', async () => {
  const notes = await runNotes();
  try {
    expect(await notes.service.migrate()).toEqual([]);
  } finally {
    await notes.close();
  }
});
