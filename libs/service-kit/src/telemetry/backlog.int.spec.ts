import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';
import { backlogSql } from './backlog.ts';

const backlog = {
  'note-to-send': `notes where text like 'send%'`,
  'note-to-read': `notes where text like 'read%'`,
};
let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes({ backlog });
});
afterAll(() => notes.close());

const write = (text: string) =>
  notes.call('POST', '/v1/notes', { body: { text }, headers: { 'idempotency-key': crypto.randomUUID() } });
const gauges = async () => {
  const { body } = await notes.call('GET', '/metrics', { token: null });
  const lines = String(body.text).matchAll(/^isthmus_backlog\{kind="([^"]+)"\} (\d+)/gm);
  return Object.fromEntries([...lines].map(([, kind, due]) => [kind, Number(due)]));
};

it('tells by one metric how much of each kind of work is due, and when there is none of it', async () => {
  await write('send this');
  await write('send that');
  expect(await gauges()).toEqual({ 'note-to-send': 2, 'note-to-read': 0 });
  await write('read this');
  expect(await gauges()).toEqual({ 'note-to-send': 2, 'note-to-read': 1 });
});

it('tells the same by one statement', async () => {
  const { rows } = await notes.pool.query(backlogSql(backlog));
  expect(Object.fromEntries(rows.map(({ kind, due }) => [kind, due]))).toEqual(await gauges());
});

it('answers with the other metrics while the backlog cannot be read', async () => {
  const broken = await runNotes({ backlog: { thing: 'no_such_table' } });
  await broken.call('GET', '/v1/audit');
  const { status, body } = await broken.call('GET', '/metrics', { token: null });
  expect(status).toBe(200);
  expect(body.text).toMatch(/^http_server_request_duration/m);
  await broken.close();
});
