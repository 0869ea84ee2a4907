import { randomBytes, randomUUID } from 'node:crypto';
import { databaseEnv, defaultTenant, freePort, startNats, startPostgres, testIssuer } from '@isthmus/testing';
import { Pool } from 'undici';
import { ServiceProcess } from '../../platform/service-process.ts';
import { Databases } from './databases.ts';
import { atEnd } from './processes.ts';

const subscriptions = 5_000;

export interface OrderStack {
  databases: Databases;
  /** A database with subscriptions, as a template for others. */
  template: string;
  /** Starts a service that accepts orders and carries none out, with a database of its own; `endAll` ends it. */
  start(env?: Record<string, string>): Promise<ServiceProcess>;
  /** Sends so many orders on 32 connections to an address; returns the milliseconds they took in all. */
  post(url: string, count: number): Promise<number>;
}

/** What accepting orders needs: PostgreSQL, NATS, an issuer, and 5,000 subscriptions; `poolMax` is the service's number of connections. */
export async function startOrderStack(poolMax: number): Promise<OrderStack> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const nats = await startNats();
  atEnd(() => nats.stop());
  const issuer = await testIssuer();
  atEnd(() => issuer.close());
  const databases = new Databases(postgres.url);
  const service = async (databaseUrl: string, env: Record<string, string>) =>
    new ServiceProcess('subscription-lifecycle', 'apps/subscription-lifecycle/dist/main.js', {
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
      ...env,
    });
  const template = await databases.fresh('subscription_lifecycle');
  await (await service(template, {})).migrate();
  const ids = await fillSubscriptions(databases, template, defaultTenant, subscriptions);
  const token = await issuer.token({ roles: ['operator'] });
  return {
    databases,
    template,
    async start(env = {}) {
      const started = await service(await databases.fresh('subscription_lifecycle', template), env);
      await started.start();
      atEnd(() => started.stop());
      return started;
    },
    post: (url, count) => postOrders(url, token, ids, count),
  };
}

/** New commerce subscriptions of a hundred customers, far from any window or renewal, as subscription-lifecycle stores them after a sync; returns their ids. */
async function fillSubscriptions(
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
async function postOrders(
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
