import { randomBytes, randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { databaseEnv, defaultTenant, freePort, startNats, startPostgres, testIssuer } from '@isthmus/testing';
import { Pool } from 'undici';
import { ServiceProcess } from '../platform/service-process.ts';
import { cpuTime, type Finding, inTurns, shownSpread, spread } from './measuring.ts';
import { Databases } from './stack/databases.ts';
import { atEnd, startBackground } from './stack/processes.ts';

// Many short rounds, so that whatever else runs on the machine affects both sides alike.
const pairs = Number(process.env.BENCH_PAIRS ?? 11);
const orders = Number(process.env.BENCH_ORDERS ?? 1_000);
const subscriptions = 5_000;
const poolMax = 10;

/** P4: the order command, handled by the service and by its floor, each with a database of its own that has the same rows. */
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
    NATS_NKEY_SEED_FILE: nats.keys,
    ...databaseEnv('subscription-lifecycle', databaseUrl),
    DATABASE_POOL_MAX: String(poolMax),
    SECRET_RING: JSON.stringify({ current: 'k1', keys: { k1: randomBytes(32).toString('base64') } }),
    // More than any caller should send, and all by one.
    RATE_LIMIT_PER_CALLER: '1000000000',
    RATE_LIMIT_PER_TENANT: '1000000000',
    RATE_LIMIT_PER_ADDRESS: '1000000000',
    // Only accepting orders is measured, not carrying them out.
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
  await Promise.all([post(service.url, 2_000), post(floor.url, 2_000)]); // warms up both, and is not counted
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

/** New commerce subscriptions of a hundred customers, far from any window or renewal, as subscription-lifecycle stores them after a sync; returns their ids. */
export async function fillSubscriptions(
  databases: Databases,
  url: string,
  tenantId: string,
  count: number,
): Promise<string[]> {
  const line = {
    ...{ vendor: 'MICROSOFT', mpn: 'CFQ7TTC0LCHC:0002', cmpProductId: 'PRD326534', seats: 10 },
    name: 'Microsoft 365 Business Premium (NCE COM MTH)',
    unitPrice: { amount: '22.00', currency: 'USD' },
    unitCost: { amount: '17.60', currency: 'USD' },
    vendorSubscriptionId: '4f0a4c1e-7b1c-4a7e-9d0f-2f6f6f0f7a11',
  };
  const state = {
    ...{ name: line.name, status: 'active', autoRenew: true, creationDate: '2025-09-03', lines: [line] },
    ...{ renewalDate: '2027-09-03', expirationDate: '2027-09-02', termStartedAt: null, providerVersion: 2 },
    ...{ billingPeriod: { type: 'month', duration: 1 }, term: { type: 'year', duration: 1 } },
    ...{ lots: [{ seats: 10, addedAt: Date.UTC(2025, 8, 3) }], asOf: Date.UTC(2026, 10, 1), linesAsOf: null },
  };
  const rows = await databases.query<{ id: string }>(
    `insert into subscriptions (id, tenant_id, connector_id, cmp_subscription_id, cmp_account_id, provider_account_id, name, status, state)
     select gen_random_uuid(), '${tenantId}', '7d0f2b5e-3c1a-4a5e-8f0e-5a3f1c2e1111', (1300000 + n)::text, (1000100 + n % 100)::text,
       null, '${line.name}', 'active', '${JSON.stringify(state)}' from generate_series(1, ${count}) n returning id`,
    url,
  );
  await databases.query('vacuum analyze', url);
  return rows.map(({ id }) => id);
}

const connections = 32;

/** Sends orders one after the other on 32 connections, each with a key of its own; returns the milliseconds they took in all. */
export async function postOrders(
  url: string,
  token: string,
  subscriptions: readonly string[],
  count: number,
): Promise<number> {
  const pool = new Pool(url, { connections, pipelining: 1 });
  let next = 0;
  const begun = performance.now();
  const buyer = async (): Promise<void> => {
    for (let n = next++; n < count; n = next++) {
      const { statusCode, body } = await pool.request({
        method: 'POST',
        path: '/v1/orders',
        headers: {
          authorization: `Bearer ${token}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body: JSON.stringify({
          kind: 'change-quantity',
          subscriptionId: subscriptions[n % subscriptions.length],
          // Below the limits of the order guard, so that every order is accepted.
          seats: 11 + (n % 19),
        }),
      });
      const said = await body.text();
      if (statusCode !== 202) throw new Error(`${url} responded with ${statusCode}: ${said}`);
    }
  };
  await Promise.all(Array.from({ length: connections }, buyer));
  const took = performance.now() - begun;
  await pool.close();
  return took;
}
