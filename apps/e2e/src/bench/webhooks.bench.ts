import { fileURLToPath } from 'node:url';
import { emitMany, type NewEvent } from '@isthmus/messaging';
import { defaultTenant, eventually, startPostgres, testIssuer } from '@isthmus/testing';
import { Pool } from 'pg';
import type { HttpClient } from '../platform/http-client.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';
import { postSigned } from './floors/senders.ts';
import { cpuTime, type Finding, inTurns, peakMiB, shownSpread, spread } from './measuring.ts';
import { manyAppeared, startBusService } from './stack/bus-service.ts';
import { Databases } from './stack/databases.ts';
import { atEnd, startBackground } from './stack/processes.ts';
import type { SinkState } from './stack/stand-ins.ts';

const few = Number(process.env.BENCH_EVENTS ?? 10_000);
const many = 5 * few;
const atOnce = 4;
const oldSpaceMiB = 128;
const pairs = Number(process.env.BENCH_PAIRS ?? 5);

/** Ten thousand events are stored and replayed to one endpoint in order; then fifty thousand, to measure the memory. */
export async function measure(): Promise<Finding[]> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const databases = new Databases(postgres.url);
  const platform = await startPlatform({
    webhooks: true,
    workers: 0,
    postgres: postgres.url,
    env: {
      LOG_LEVEL: 'warn',
      WEBHOOK_ENDPOINT_CONCURRENCY: String(atOnce),
      NODE_OPTIONS: `--max-old-space-size=${oldSpaceMiB}`,
    },
  });
  atEnd(() => platform.stop());
  const { webhooks } = await platform.as();
  const sink = await startBackground(fileURLToPath(new URL('./stack/stand-ins.js', import.meta.url)));
  atEnd(() => sink.stop());
  const emit = await startEmitter(platform, databases);

  const { pid } = platform.webhooks!;
  const cpuBefore = cpuTime(pid);
  const storedMs = await timed(async () => {
    await emit(events(few));
    await storedAre(databases, platform, few);
  });
  const storedCpu = (cpuTime(pid) - cpuBefore) / 1000;
  const { body: endpoint } = await webhooks.post('/v1/webhook-endpoints', { url: sink.url });
  const replayed = () => replay(webhooks, endpoint.id, sink.url, few);
  const bodies = events(few).map((event) => JSON.stringify(event));
  process.stderr.write(`${few} events, ms:\n`);
  const rounds = await inTurns(pairs, {
    replay: () => timed(replayed),
    floor: () => postSigned(sink.url, bodies, atOnce),
  });
  const smallPeak = peakMiB(pid);
  await emit(events(many - few));
  await storedAre(databases, platform, many);
  await eventually(
    async () => (await webhooks.get(`/v1/webhook-endpoints/${endpoint.id}`)).body.pending === 0,
    {
      withinMs: 300_000,
    },
  );
  const manyMs = await timed(() => replay(webhooks, endpoint.id, sink.url, many));
  const largePeak = peakMiB(pid);

  const took = spread(rounds.map((round) => round.replay / 1000));
  const ratio = spread(rounds.map((round) => round.replay / round.floor));
  const growth = largePeak / smallPeak;
  return [
    line(
      'H1',
      `${few} events heard and stored; CPU of the process for it`,
      `${(storedMs / 1000).toFixed(1)} s; ${storedCpu.toFixed(1)} s`,
    ),
    line(
      'H2',
      `${few} events replayed in order to one endpoint, ${atOnce} at once`,
      shownSpread(took, ' s', 1),
      '≤ 60 s',
      took.max <= 60,
    ),
    line('H2', 'the same / bare signed posts', shownSpread(ratio, ' ×')),
    line(
      'H3',
      `peak RSS with --max-old-space-size=${oldSpaceMiB} after a replay of ${many} (${(manyMs / 1000).toFixed(0)} s) / of ${few}`,
      `${growth.toFixed(2)} × (${largePeak.toFixed(0)} / ${smallPeak.toFixed(0)} MiB)`,
      '≤ 1.15 ×',
      growth <= 1.15,
    ),
  ];
}

const line = (id: string, what: string, figure: string, must = '–', passed = true): Finding => ({
  id,
  what,
  figure,
  must,
  aim: '–',
  passed,
});

/** Five versions of each subscription, one version after the other. */
function events(count: number): NewEvent[] {
  const subscriptions = count / 5;
  const all = manyAppeared(count);
  return all.map((event, n) => ({
    ...event,
    tenantId: defaultTenant,
    aggregateId: all[n % subscriptions]!.aggregateId,
    aggregateVersion: Math.floor(n / subscriptions) + 1,
  }));
}

async function startEmitter(
  platform: Platform,
  databases: Databases,
): Promise<(events: NewEvent[]) => Promise<void>> {
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const service = await startBusService({
    service: 'product-catalog',
    natsUrl: platform.nats.url,
    natsKeys: platform.nats.keys,
    env: issuer.env,
    databaseUrl: await databases.fresh('speaker'),
  });
  atEnd(() => service.close());
  return async (all) => {
    const client = await service.get(Pool).connect();
    await emitMany(client, all);
    client.release();
  };
}

async function storedAre(databases: Databases, { webhooksDatabase }: Platform, count: number): Promise<void> {
  await eventually(
    async () => {
      const [row] = await databases.query<{ n: number }>(
        'select count(*)::int as n from events',
        webhooksDatabase,
      );
      return row!.n >= count;
    },
    { withinMs: 300_000, everyMs: 100 },
  );
}

async function replay(webhooks: HttpClient, endpoint: string, sink: string, count: number): Promise<void> {
  await fetch(sink, { method: 'DELETE' });
  const { body } = await webhooks.post(`/v1/webhook-endpoints/${endpoint}/replay`, {
    since: '2026-01-01T00:00:00Z',
  });
  if (body.queued !== count) throw new Error(`Not everything was queued: ${JSON.stringify(body)}`);
  const seen = await eventually(
    async () => {
      const state = (await (await fetch(sink)).json()) as SinkState;
      return state.count >= count && state;
    },
    { withinMs: 600_000, everyMs: 50 },
  );
  if (seen.count !== count || seen.disorder > 0)
    throw new Error(`The deliveries were not as expected: ${JSON.stringify(seen)}`);
}

async function timed(work: () => Promise<void>): Promise<number> {
  const begun = performance.now();
  await work();
  return performance.now() - begun;
}
