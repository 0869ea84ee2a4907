import { startNats, eventually, type RunningServer } from '@isthmus/testing';
import { linked, NoteLinks, type Program, runProgram } from '../../test/program.fixture.ts';
import { emit, emitMany } from './outbox.ts';

let nats: RunningServer;
let speaker: Program;
let hearer: Program;

beforeAll(async () => {
  nats = await startNats();
  speaker = await runProgram({ service: 'account-sync', natsUrl: nats.url });
  hearer = await runProgram({ service: 'hearer', natsUrl: nats.url, handlers: [NoteLinks] });
});
afterAll(async () => {
  await speaker.close();
  await hearer.close();
  await nats.stop();
});

const heard = async () =>
  (await hearer.pool.query<{ name: string }>('select name from effects order by id')).rows;
const hears = (name: string) =>
  eventually(async () => (await heard()).some((effect) => effect.name === name) || undefined);

it('is heard by another service once the transaction has committed', async () => {
  await speaker.transaction(async (em) => emit(em, linked('committed')));
  await hears('committed');
});

it('was never said when the transaction rolls back', async () => {
  const rolledBack = speaker.transaction(async (em) => {
    emit(em, linked('rolled back'));
    await em.flush();
    throw new Error('no');
  });
  await expect(rolledBack).rejects.toThrow('no');
  await speaker.transaction(async (em) => emit(em, linked('after the rollback')));
  await hears('after the rollback');
  expect((await heard()).map(({ name }) => name)).not.toContain('rolled back');
});

it('says many things at once, in the order given', async () => {
  const names = Array.from({ length: 1_000 }, (_, index) => `bulk ${index}`);
  const account = crypto.randomUUID();
  const client = await speaker.pool.connect();
  await client.query('begin');
  await emitMany(
    client,
    names.map((name, index) => linked(name, account, index + 1)),
  );
  await client.query('commit');
  client.release();
  await hears('bulk 999');
  const said = (await heard()).map(({ name }) => name).filter((name) => name.startsWith('bulk'));
  expect(said).toEqual(names);
});
