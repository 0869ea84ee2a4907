import { RetryLoop } from '@isthmus/messaging';
import { Controller, Get, Logger, Module } from '@nestjs/common';
import { once } from 'node:events';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { Allow } from './auth/access.ts';
import { runNotes } from '../test/notes.fixture.ts';

it('finishes the requests in hand, with their database, before it closes; new ones are not taken', async () => {
  const begun = Promise.withResolvers<void>();
  @Controller('v1/slow')
  class SlowController {
    constructor(private readonly pool: Pool) {}
    @Allow('viewer')
    @Get()
    async slow(): Promise<{ answer: number }> {
      begun.resolve();
      await sleep(300);
      const { rows } = await this.pool.query('select 42 as answer');
      return rows[0];
    }
  }
  @Module({ controllers: [SlowController] })
  class SlowModule {}
  const notes = await runNotes({ module: SlowModule });
  const slow = notes.call('GET', '/v1/slow');
  await begun.promise;
  const closed = notes.close();
  expect(await slow).toMatchObject({ status: 200, body: { answer: 42 } });
  await closed;
  await expect(notes.call('GET', '/healthz/live')).rejects.toThrow();
});

it('takes requests for DRAIN_MS after it was asked to end, but is not ready and asks for other connections', async () => {
  const notes = await runNotes({}, { DRAIN_MS: '400' });
  expect((await fetch(`${notes.url}/healthz/ready`)).headers.get('connection')).toBe('keep-alive');
  const drained = notes.service.drain();
  const during = await notes.call('GET', '/v1/notes');
  expect(during.status).toBe(200);
  expect(during.headers.get('connection')).toBe('close');
  expect(await notes.call('GET', '/healthz/ready', { token: null })).toMatchObject({
    status: 503,
    body: { status: 'down', database: 'up' },
  });
  expect((await notes.call('GET', '/healthz/live', { token: null })).status).toBe(200);
  await drained;
  await notes.close();
});

it.each([0, 1])('stops the loops of all modules while a round of one is going on (%i)', async (slow) => {
  const over = Promise.withResolvers<void>();
  let [begun, rounds] = [0, 0];
  const round = (of: number) => (of === slow ? ((begun += 1), over.promise) : ((rounds += 1), sleep(1)));
  const moduleOf = (of: number) => {
    class Worker {
      readonly #loop = new RetryLoop({ name: 'Work', run: () => round(of), idleMs: 1, log: new Logger() });
      onApplicationBootstrap = () => this.#loop.start();
      beforeApplicationShutdown = () => this.#loop.stop();
    }
    @Module({ providers: [Worker] })
    class WorkModule {}
    return WorkModule;
  };
  @Module({ imports: [0, 1].map(moduleOf) })
  class BothModule {}
  const notes = await runNotes({ module: BothModule });
  const closed = notes.close();
  await sleep(50);
  const atLast = rounds;
  await sleep(200);
  const more = rounds - atLast;
  over.resolve();
  await closed;
  expect([begun, more]).toEqual([1, 0]);
  expect(atLast).toBeGreaterThan(0);
});

it('does not wait for connections on which nothing was ever asked', async () => {
  const notes = await runNotes();
  const { hostname: host, port } = new URL(notes.service.url);
  const unused = connect(Number(port), host);
  await once(unused, 'connect');
  const ended = once(unused, 'close');
  const began = Date.now();
  await notes.close();
  await ended;
  expect(Date.now() - began).toBeLessThan(30_000);
});

it('a worker answers health and metrics and nothing else', async () => {
  const notes = await runNotes({ http: 'health-only' });
  expect((await notes.call('GET', '/healthz/ready', { token: null })).status).toBe(200);
  expect((await notes.call('GET', '/metrics', { token: null })).status).toBe(200);
  for (const path of ['/v1/notes', '/openapi.json', '/docs'])
    expect((await notes.call('GET', path)).status).toBe(404);
  await notes.close();
});
