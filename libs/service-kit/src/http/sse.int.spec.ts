import { setTimeout as sleep } from 'node:timers/promises';
import { readers, type RunningNotes, runNotes } from '../../test/notes.fixture.ts';
import { eventually } from '@isthmus/testing';

let notes: RunningNotes;
beforeEach(async () => {
  notes = await runNotes();
});
afterEach(() => notes.close());

const stream = async (signal?: AbortSignal) =>
  fetch(`${notes.url}/v1/notes/ticks`, {
    headers: { authorization: `Bearer ${await notes.issuer.token()}`, accept: 'text/event-stream' },
    signal,
  });

it('streams events as they come, and frees the source when the client leaves', async () => {
  const leave = new AbortController();
  const answer = await stream(leave.signal);
  expect(answer.headers.get('content-type')).toBe('text/event-stream');
  expect(answer.headers.get('x-correlation-id')).toBeTruthy();
  let text = '';
  for await (const chunk of answer.body ?? []) {
    text += Buffer.from(chunk).toString();
    if (text.includes('"n":3')) break;
  }
  expect(text).toContain('event: tick\nid: 1\ndata: {"n":1}\n\n');
  leave.abort();
  await eventually(() => readers.count === 0);
});

it('ends open streams at shutdown instead of waiting for them', async () => {
  const answer = await stream();
  const read = answer.text();
  await sleep(60);
  await notes.service.close();
  expect(await read).toContain('event: tick');
  await eventually(() => readers.count === 0);
});
