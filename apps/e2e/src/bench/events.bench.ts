import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { emitMany, event, type NewEvent, Relay } from '@isthmus/messaging';
import type { RunningService } from '@isthmus/service-kit';
import { eventually, type RunningNats, startNats, startPostgres, testIssuer } from '@isthmus/testing';
import { Pool } from 'pg';
import { publishPipelined } from './floors/senders.ts';
import { type Finding, inTurns, percentile, shownSpread, spread } from './measuring.ts';
import { manyAppeared, startBusService } from './stack/bus-service.ts';
import { Databases } from './stack/databases.ts';
import { atEnd, startBackground } from './stack/processes.ts';

const singles = 400;
const lost = 8;
const backlog = 50_000;
const pairs = Number(process.env.BENCH_PAIRS ?? 5);

/** P3, P3c, P3d: the time from a commit to another service's handler, and from a backlog to JetStream. */
export async function measure(): Promise<Finding[]> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const nats = await startNats();
  atEnd(() => nats.stop());
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const databases = new Databases(postgres.url);
  const settings = async (service: string) => ({
    service,
    natsUrl: nats.url,
    natsKeys: nats.keys,
    env: issuer.env,
    databaseUrl: await databases.fresh(service.replaceAll('-', '_')),
  });
  const emitter = await startBusService(await settings('account-sync'));
  atEnd(() => emitter.close());
  const pool = emitter.get(Pool);

  const path = fileURLToPath(new URL('./stack/bus-service.js', import.meta.url));
  const consumer = await startBackground(path, [JSON.stringify(await settings('webhooks'))]);
  atEnd(() => consumer.stop());
  const idle = await emitOneByOne(pool, singles);
  await pool.query('alter table outbox disable trigger outbox_wake');
  const withoutNotify = await emitOneByOne(pool, lost);
  await pool.query('alter table outbox enable trigger outbox_wake');
  await sleep(1_500);
  const lines = await consumer.stop();
  const reached = new Map(JSON.parse(lines.at(-1)!) as [string, number][]);
  return [...latencies(idle, withoutNotify, reached), await drained(emitter, pool, nats)];
}

/** Event ids with the moment at which PostgreSQL confirmed their commit. The first few, for which nothing is warmed up, are left out. */
async function emitOneByOne(pool: Pool, count: number): Promise<Map<string, number>> {
  const committed = new Map<string, number>();
  const warmUp = count > 100 ? 100 : 0;
  for (let n = 0; n < count + warmUp; n += 1) {
    const event = link();
    const client = await pool.connect();
    await client.query('begin');
    await emitMany(client, [event]);
    await client.query('commit');
    if (n >= warmUp) committed.set(event.id, performance.timeOrigin + performance.now());
    client.release();
    await sleep(20 + Math.random() * 20);
  }
  return committed;
}

function latencies(
  idle: ReadonlyMap<string, number>,
  withoutNotify: ReadonlyMap<string, number>,
  reached: ReadonlyMap<string, number>,
): Finding[] {
  const took = (committed: ReadonlyMap<string, number>) =>
    [...committed].flatMap(([id, at]) => (reached.has(id) ? [reached.get(id)! - at] : []));
  const [p50, p99] = [percentile(took(idle), 0.5), percentile(took(idle), 0.99)];
  const slowest = Math.max(...took(withoutNotify));
  const missing = idle.size + withoutNotify.size - took(idle).length - took(withoutNotify).length;
  return [
    {
      id: 'P3',
      what: 'commit → handler of another process, idle: p50; p99',
      figure: `${p50.toFixed(1)}; ${p99.toFixed(1)} ms`,
      must: '≤ 3; ≤ 15 ms',
      aim: '1.5; 6 ms',
      passed: p50 <= 3 && p99 <= 15,
    },
    {
      id: 'P3d',
      what: 'the same with NOTIFY lost: slowest; lost',
      figure: `${Math.round(slowest)} ms; ${missing}`,
      must: '≤ 1200 ms; 0',
      aim: '600 ms',
      passed: slowest <= 1_200 && missing === 0,
    },
  ];
}

async function drained(emitter: RunningService, pool: Pool, nats: RunningNats): Promise<Finding> {
  process.stderr.write(`A backlog of ${backlog} events, ms:\n`);
  const relay = emitter.get(Relay);
  const payloads = manyAppeared(backlog).map(({ data }) => JSON.stringify(data));
  const rounds = await inTurns(pairs, {
    relay: async () => {
      await relay.stop();
      const client = await pool.connect();
      await emitMany(client, manyAppeared(backlog));
      client.release();
      const begun = performance.now();
      relay.start();
      await eventually(() => relayed(pool), { withinMs: 60_000, everyMs: 20 });
      return performance.now() - begun;
    },
    publish: () => publishPipelined(nats, payloads),
  });
  const ratio = spread(rounds.map((round) => round.publish / round.relay));
  return {
    id: 'P3c',
    what: `rate of the relay over a backlog of ${backlog} / pipelined publish`,
    figure: shownSpread(ratio, ' ×'),
    must: '≥ 0.6 ×',
    aim: '0.85 ×',
    passed: ratio.median >= 0.6,
  };
}

async function relayed(pool: Pool): Promise<boolean> {
  const { rows } = await pool.query<{ done: boolean }>(
    'select position >= (select max(position) from outbox) as done from outbox_relay',
  );
  return rows[0]!.done;
}

/** A small event. */
export function link(): NewEvent {
  const providerAccountId = randomUUID();
  const data = { providerAccountId, tenantAccountId: 'T-1', by: 'benchmark' };
  const facts = { tenantId: randomUUID(), aggregateId: providerAccountId, version: 1 };
  return event(ProviderAccountLinkedV1, data, facts);
}
