import { setTimeout as sleep } from 'node:timers/promises';
import { eventually, freePort, startPostgres, type RunningServer } from '@isthmus/testing';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';

let dir: string;
let port: number;
let postgres: RunningServer;
let notes: RunningNotes;

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'isthmus-down-'));
  port = await freePort();
  postgres = await startPostgres({ dir, port, durable: false });
  notes = await runNotes({}, {}, postgres.url);
});
afterAll(async () => {
  await notes.close();
  await postgres.stop();
  await rm(dir, { recursive: true, force: true });
});

const write = () =>
  notes.call('POST', '/v1/notes', {
    body: { text: 'a' },
    headers: { 'idempotency-key': crypto.randomUUID() },
  });

it.each(['SIGINT', 'SIGQUIT'] as const)(
  'survives PostgreSQL being stopped by %s: 503 with Retry-After while it is away, and in service again after it',
  async (signal) => {
    expect((await write()).status).toBe(202);
    const during = Promise.all(Array.from({ length: 20 }, write));
    await postgres.stop(signal);
    for (const { status } of await during) expect([202, 503]).toContain(status);

    const refused = await write();
    expect(refused).toMatchObject({
      status: 503,
      body: { type: 'urn:isthmus:problem:database-unavailable' },
    });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await notes.call('GET', '/v1/notes')).toMatchObject({ status: 503 });
    expect(await notes.call('GET', '/healthz/ready', { token: null })).toMatchObject({
      status: 503,
      body: { database: 'down' },
    });
    expect((await notes.call('GET', '/healthz/live', { token: null })).status).toBe(200);

    await sleep(200);
    postgres = await startPostgres({ dir, port, durable: false });
    await eventually(async () => (await write()).status === 202);
    expect((await notes.call('GET', '/healthz/ready', { token: null })).status).toBe(200);
  },
  30_000,
);

it('answers 503 while the server takes connections and says nothing', async () => {
  await postgres.stop();
  const mute = createServer((socket) => socket.on('error', () => undefined).resume());
  await new Promise<void>((resolve) => mute.listen(port, '127.0.0.1', resolve));
  try {
    expect(await write()).toMatchObject({
      status: 503,
      body: { type: 'urn:isthmus:problem:database-unavailable' },
    });
  } finally {
    mute.close();
    postgres = await startPostgres({ dir, port, durable: false });
  }
});
