import { ResolvePartNumber } from '@isthmus/contracts';
import { RequestClient } from '@isthmus/messaging';
import { createService, ServiceEnv } from '@isthmus/service-kit';
import { defaultTenant, eventually, startPostgres, testIssuer } from '@isthmus/testing';
import { Module } from '@nestjs/common';
import { connectorFields, createConnector } from '../platform/acts.ts';
import type { HttpClient } from '../platform/http-client.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';
import { type Finding, percentile } from './measuring.ts';
import { Databases } from './stack/databases.ts';
import { atEnd } from './stack/processes.ts';

const products = 50_000;
const repetitions = 2_000;
const warmUp = 200;

/** A catalogue of 50,000 products: synced, synced again without changes, and queried, one part number at a time and many at once. */
export async function measure(): Promise<Finding[]> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const databases = new Databases(postgres.url);
  const platform = await startPlatform({
    simulator: { world: { customers: 1, subscriptions: 0, products } },
    workers: 0,
    postgres: postgres.url,
    catalog: true,
    env: { CATALOG_SYNC_MINUTES: '0', LOG_LEVEL: 'warn', DATABASE_POOL_MAX: '10' },
  });
  atEnd(() => platform.stop());
  const clients = await platform.as();
  const { id: connectorId } = await createConnector(clients, connectorFields(platform));

  const full = await sync(clients.catalog, connectorId);
  const before = await written(platform, databases);
  const again = await sync(clients.catalog, connectorId);
  const after = await written(platform, databases);
  const changed = after.rows - before.rows + after.events - before.events;
  await idle(platform, databases);
  const { one, nothing, many } = await resolveMany(platform, connectorId);
  return [
    {
      id: 'C1',
      what: `full sync of ${full.read} products; the same again, unchanged`,
      figure: `${full.seconds.toFixed(1)} s; ${again.seconds.toFixed(1)} s`,
      must: '–',
      aim: '–',
      passed: full.read >= products,
    },
    {
      id: 'C2',
      what: 'rows written and events said by the unchanged one',
      figure: String(changed),
      must: '0',
      aim: '0',
      passed: changed === 0,
    },
    finding('C3', 'a part number resolved, asked over NATS, idle: p50; p99', one, 5),
    finding('C3b', 'in turns with it, the way there and back without a look-up: p50; p99', nothing, Infinity),
    finding('C4', 'two hundred at once: p50; p99', many, Infinity),
  ];
}

const finding = (id: string, what: string, took: readonly number[], most: number): Finding => {
  const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
  return {
    id,
    what,
    figure: `${p50.toFixed(2)}; ${p99.toFixed(2)} ms`,
    must: most === Infinity ? '–' : `p99 ≤ ${most} ms`,
    aim: '–',
    passed: p99 <= most,
  };
};

async function sync(catalog: HttpClient, connectorId: string): Promise<{ seconds: number; read: number }> {
  const begun = performance.now();
  const started = await eventually(async () => {
    const headers = { 'idempotency-key': crypto.randomUUID() };
    const answer = await catalog.post('/v1/catalog-syncs', { connectorId }, headers);
    return answer.status === 202 && answer.body;
  });
  const run = await eventually(
    async () => {
      const { body } = await catalog.get(`/v1/catalog-syncs/${started.id}`);
      return ['queued', 'running'].includes(body.status) ? undefined : body;
    },
    { withinMs: 300_000, everyMs: 50 },
  );
  if (run.status !== 'succeeded')
    throw new Error(`The sync is ${run.status}: ${JSON.stringify(run.failure)}`);
  return { seconds: (performance.now() - begun) / 1000, read: run.counts.read };
}

/** The versions of all products, the lines of all price lists, and the events except for those about runs. */
async function written(platform: Platform, databases: Databases): Promise<{ rows: number; events: number }> {
  const [row] = await databases.query<{ rows: number; events: number }>(
    `select ((select sum(version) from products) + (select count(*) from price_list_entries))::int as rows,
       (select count(*) from outbox where type not like '%catalog-sync%')::int as events`,
    platform.catalogDatabase,
  );
  return row!;
}

/** Once the events of the first sync are published and its rows are analyzed, nothing but the requests is running. */
async function idle(platform: Platform, databases: Databases): Promise<void> {
  await databases.query('vacuum analyze', platform.catalogDatabase);
  await eventually(
    async () => {
      const [row] = await databases.query<{ done: boolean }>(
        'select position >= (select max(position) from outbox) as done from outbox_relay',
        platform.catalogDatabase,
      );
      return row!.done;
    },
    { withinMs: 120_000, everyMs: 200 },
  );
}

@Module({})
class NoModule {}

async function resolveMany(
  platform: Platform,
  connectorId: string,
): Promise<Record<'one' | 'nothing' | 'many', number[]>> {
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const caller = await createService(
    { service: 'subscription-lifecycle', module: NoModule, config: ServiceEnv, http: 'health-only' },
    {
      ...issuer.env,
      DATABASE_URL: 'postgres://unused',
      NATS_URL: platform.nats.url,
      NATS_NKEY_SEED_FILE: platform.nats.keys,
      PORT: '0',
      LOG_LEVEL: 'warn',
    },
  );
  await caller.listen();
  atEnd(() => caller.close());
  const requests = caller.get(RequestClient);
  const question = (n: number) => ({
    partNumber: `INGRAM:MICROSOFT:CFQ7TTC0${(n % 8_000).toString(36).toUpperCase().padStart(4, '0')}:0001`,
    billingPeriod: 'P1M',
    term: 'P1Y',
  });
  const timed = async (questions: { partNumber: string }[], outcome: string) => {
    const begun = performance.now();
    const { answers } = await requests.request(ResolvePartNumber, {
      tenantId: defaultTenant,
      connectorId,
      questions,
    });
    const took = performance.now() - begun;
    if (answers.some((answer) => answer.outcome !== outcome))
      throw new Error(`Not every response is ${outcome}.`);
    return took;
  };
  const took = { one: [] as number[], nothing: [] as number[], many: [] as number[] };
  for (let n = 0; n < repetitions + warmUp; n += 1) {
    took.one.push(await timed([question(n * 7)], 'resolved'));
    // What is not a part number is answered without the database: this measures the round trip alone.
    took.nothing.push(await timed([{ partNumber: 'none' }], 'unknown'));
  }
  for (let n = 0; n < 100; n += 1) {
    const questions = Array.from({ length: 200 }, (_, index) => question(n * 7 + index * 13));
    took.many.push(await timed(questions, 'resolved'));
  }
  return { one: took.one.slice(warmUp), nothing: took.nothing.slice(warmUp), many: took.many.slice(10) };
}
