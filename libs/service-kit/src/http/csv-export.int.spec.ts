import { randomUUID } from 'node:crypto';
import { parse } from 'csv-parse/sync';
import { type RunningNotes, runNotes } from '../../test/notes.fixture.ts';

let notes: RunningNotes;
const texts = [
  ['=1+1', "'=1+1"],
  ['+49 30 123', "'+49 30 123"],
  ['-cmd|calc', "'-cmd|calc"],
  ['@SUM(A1)', "'@SUM(A1)"],
  ['＝1+1', "'＝1+1"],
  ['-4.10', '-4.10'],
  ['-4.10.', "'-4.10."],
  ['a "quoted", text', 'a "quoted", text'],
  ['two\nlines', 'two\nlines'],
] as const;
beforeAll(async () => {
  notes = await runNotes();
  const many = Array.from({ length: 450 }, (_, n) => `note ${n}`);
  for (const text of [...texts.map(([text]) => text), ...many])
    await notes.call('POST', '/v1/notes', { body: { text }, headers: { 'idempotency-key': randomUUID() } });
}, 300_000);
afterAll(() => notes.close());

const csv = { accept: 'text/csv' };

it('sends every row of a list as a file, over all its pages', async () => {
  const { status, headers, body } = await notes.call('GET', '/v1/notes?limit=7', { headers: csv });
  expect(status).toBe(200);
  expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(headers.get('content-disposition')).toBe('attachment; filename="notes.csv"');
  const rows = parse(String(body.text), { columns: true }) as { id: string; text: string; version: string }[];
  expect(Object.keys(rows[0]!)).toEqual(['id', 'text', 'version']);
  expect(rows).toHaveLength(texts.length + 450);
  expect(new Set(rows.map(({ id }) => id)).size).toBe(rows.length);
  expect(rows.every(({ version }) => version === '1')).toBe(true);
});

it('has no cell that a spreadsheet would evaluate, and leaves numbers and quotes as they are', async () => {
  const { body } = await notes.call('GET', '/v1/notes', { headers: csv });
  const found = new Set(
    (parse(String(body.text), { columns: true }) as { text: string }[]).map((row) => row.text),
  );
  for (const [given, cell] of texts) expect([given, found.has(cell)]).toEqual([given, true]);
});

it('is JSON for whoever asks for anything else, or for anything', async () => {
  for (const accept of ['*/*', 'application/json', 'text/html, */*']) {
    const { headers } = await notes.call('GET', '/v1/notes', { headers: { accept } });
    expect([accept, headers.get('content-type')]).toEqual([accept, 'application/json; charset=utf-8']);
  }
});

it('answers a request that is wrong with its problem, and offers files of lists only', async () => {
  const wrong = await notes.call('GET', '/v1/notes?order=sideways', { headers: csv });
  expect([wrong.status, wrong.headers.get('content-type')]).toEqual([400, 'application/problem+json']);
  expect((await notes.call('GET', '/v1/notes', { headers: csv, token: null })).status).toBe(401);
  const { body } = await notes.call('GET', '/v1/notes?limit=1');
  const [one] = body.data as { id: string }[];
  expect((await notes.call('GET', `/v1/notes/${one!.id}`, { headers: csv })).status).toBe(406);
});
