import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { defaultTenant, freePort, startNats, startPostgres, testIssuer } from '@isthmus/testing';
import { ServiceProcess } from '../platform/service-process.ts';
import { inTurns, shownSpread, spread } from './paired.ts';
import type { Finding } from './report.ts';
import { startBackground } from './stack/background.ts';
import { cpuTime } from './stack/cpu-time.ts';
import { Databases } from './stack/databases.ts';
import { atEnd } from './stack/endings.ts';
import { fillSubscriptions } from './stack/fill-subscriptions.ts';
import { postOrders } from './stack/post-orders.ts';

// Many short turns: what else runs on the machine meets both sides alike.
const pairs = Number(process.env.BENCH_PAIRS ?? 11);
const orders = Number(process.env.BENCH_ORDERS ?? 1_000);
const subscriptions = 5_000;
const poolMax = 10;

/** P4: the order command, answered by the service and by its floor, each on a database of its own with the same rows. */
export async function measure(): Promise<Finding[]> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const nats = await startNats();
  atEnd(() => nats.stop());
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const databases = new Databases(postgres.url);
  const databaseUrl = await databases.fresh('subscription_lifecycle');
  const service = new ServiceProcess('subscription-lifecycle', 'apps/subscription-lifecycle/dist/main.js', {
    ...issuer.env,
    PORT: String(await freePort()),
    NATS_URL: nats.url,
    DATABASE_URL: databaseUrl,
    DATABASE_POOL_MAX: String(poolMax),
    SECRET_RING: JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }),
    // Taking orders over is measured, not carrying them out.
    ORDER_WORKERS: '0',
    LOG_LEVEL: 'warn',
  });
  await service.migrate();
  const ids = await fillSubscriptions(databases, databaseUrl, defaultTenant, subscriptions);
  const floorUrl = await databases.fresh('floor', databaseUrl);
  await service.start();
  atEnd(() => service.stop());
  const path = fileURLToPath(new URL('./floors/place-orders.js', import.meta.url));
  const settings = { databaseUrl: floorUrl, tenantId: defaultTenant, poolMax };
  const floor = await startBackground(path, [JSON.stringify(settings)]);
  atEnd(() => floor.stop());

  const token = await issuer.token({ roles: ['operator'] });
  const post = (url: string, count = orders) => postOrders(url, token, ids, count);
  await Promise.all([post(service.url, 2_000), post(floor.url, 2_000)]); // warms both up, and is not counted
  const usedBefore = [service.pid, floor.pid].map(cpuTime);
  process.stderr.write(`${orders} orders on 32 connections, ms:\n`);
  const rounds = await inTurns(pairs, { service: () => post(service.url), floor: () => post(floor.url) });
  const ratio = spread(rounds.map((round) => round.floor / round.service));
  const [ofService, ofFloor] = [service.pid, floor.pid].map(
    (pid, index) => (cpuTime(pid) - usedBefore[index]!) / (orders * pairs),
  );
  const rate = spread(rounds.map((round) => orders / (round.service / 1000)));
  return [
    {
      id: 'P4',
      what: 'order commands a second, 32 connections / bare Fastify with the same SQL',
      figure: shownSpread(ratio, ' ×'),
      must: '≥ 0.55 ×',
      aim: '0.75 ×',
      passed: ratio.median >= 0.55,
    },
    {
      id: 'P4',
      what: 'the same, orders a second',
      figure: shownSpread(rate, '', 0),
      must: '–',
      aim: '–',
      passed: true,
    },
    {
      id: 'P4',
      what: 'CPU time of the process for an order; of bare Fastify',
      figure: `${ofService!.toFixed(2)}; ${ofFloor!.toFixed(2)} ms`,
      must: '–',
      aim: '–',
      passed: true,
    },
  ];
}
