import { setTimeout as sleep } from 'node:timers/promises';
import { readers, type RunningNotes, runNotes } from '../../test/notes.fixture.ts';
import { eventually } from '@isthmus/testing';

let notes: RunningNotes;
beforeEach(async () => {
  notes = await runNotes();
});
afterEach(() => notes.close());

const stream = async (signal?: AbortSignal, claims: object = {}) =>
  fetch(`${notes.url}/v1/notes/ticks`, {
    headers: { authorization: `Bearer ${await notes.issuer.token(claims)}`, accept: 'text/event-stream' },
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

it('ends a stream when the token expires that it was asked for with', async () => {
  const begun = Date.now();
  const answer = await stream(AbortSignal.timeout(10_000), { expiresIn: 2 });
  expect(answer.status).toBe(200);
  expect(await answer.text()).toContain('event: tick');
  expect(Date.now() - begun).toBeLessThan(6_000);
  await eventually(() => readers.count === 0);
});

it('lets a caller have so many streams open, and no other caller go without', async () => {
  await notes.close();
  notes = await runNotes({}, { EVENT_STREAMS_PER_CALLER: '2' });
  const leave = new AbortController();
  const open = [
    await stream(leave.signal),
    await stream(),
    await stream(undefined, { sub: 'somebody else' }),
  ];
  expect(open.map(({ status }) => status)).toEqual([200, 200, 200]);
  const refused = await stream();
  expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '30']);
  expect(((await refused.json()) as { type: string }).type).toBe(
    'urn:isthmus:problem:too-many-event-streams',
  );
  leave.abort();
  await eventually(async () => {
    const again = await stream();
    return again.status === 200;
  });
  for (const { body } of open) await body?.cancel().catch(() => undefined);
});
