import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@isthmus/sdk';
import { Pool } from 'pg';
import { api } from '../../docker/lane/api.mjs';
import { resolvePartNumber } from '../../start/demo/ordering.mjs';
import { until } from './client.mjs';
import { runsOf } from './workers.mjs';

/** Below the number of purchases in an hour from which a connector's order guard asks for a quote. */
const mostOrders = 80;
const ended = ['settled', 'refused', 'withdrawn', 'completed-not-effective', 'needs-attention'];

/** Receives webhooks, as a customer's program does. */
async function receiver(host) {
  const received = new Map();
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    response.writeHead(204).end();
    const id = request.headers['webhook-id'];
    const { type, data } = JSON.parse(body);
    received.set(id, { type, data, times: (received.get(id)?.times ?? 0) + 1 });
  }).listen(0, '0.0.0.0');
  await once(server, 'listening');
  return {
    url: `http://${host}:${server.address().port}/isthmus`,
    received,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/**
 * What people and programs do all the time: order, wait for the outcome, sync, receive webhooks. Every failed request is kept, and an order is
 * sent again under its key until it is accepted, as clients do.
 * @param {import('../kubernetes/cluster.d.mts').Cluster} cluster
 * @param {ReturnType<typeof import('./keys.mjs').stackOf>} stack
 */
export async function startWork(cluster, stack) {
  const [{ admin }] = Object.values(stack.tokens);
  const of = (name) => api(stack.services[name], admin);
  const [lifecycle, accountSync] = ['subscription-lifecycle', 'account-sync'].map(of);
  const runs = runsOf(stack);
  const hooks = await receiver(cluster.here);
  await of('webhooks').post('/v1/webhook-endpoints', { url: hooks.url, eventTypes: ['*'] });

  const connector = await runs.connector();
  const product = await resolvePartNumber(
    { isthmus: connect({ baseUrl: stack.services, token: admin }), say: () => undefined },
    connector,
  );
  const { data } = await accountSync.get(`/v1/provider-accounts?connectorId=${connector.id}&limit=200`);
  const accounts = data.filter(({ status, customDomain }) => status === 'active' && customDomain);
  const ledger = async () => new Set((await runs.control('GET', '/ledger')).map((entry) => entry.orderId));
  const before = await ledger();

  const failures = [];
  const orders = new Map();
  const finished = [];
  let stopped = false;
  const failed = (what, error) =>
    failures.push(
      `${new Date().toISOString()} ${what}: ${error.cause?.code ?? error.status ?? ''} ${error.message.split('\n')[0]}`,
    );

  /** Until it succeeds; what failed before is a failure all the same. */
  async function insist(what, work) {
    for (;;) {
      try {
        return await work();
      } catch (error) {
        failed(what, error);
        if (failures.length > 200) throw error;
        await sleep(250);
      }
    }
  }

  async function orderOne(turn) {
    const key = randomUUID();
    const account = accounts[turn % accounts.length];
    const wanted = { kind: 'create', providerAccountId: account.id, ...product, seats: 1 };
    const { id } = await insist('an order', () =>
      lifecycle.post('/v1/orders', wanted, { 'idempotency-key': key }),
    );
    orders.set(key, id);
    await insist('an order followed', () =>
      until(
        async () => {
          // The schedule would look at CMP's orders every few minutes; people ask for it, as the demo does.
          const { status } = await lifecycle.get(`/v1/orders/${id}`);
          if (status === 'accepted')
            await runs
              .start({ connectorId: connector.id, scope: 'orders' })
              .catch((error) => failed('a sync', error));
          return ended.includes(status);
        },
        { seconds: 240, everyMs: 1_000, what: `an end of order ${id}` },
      ),
    );
  }

  let turn = 0;
  const ordering = Promise.all(
    Array.from({ length: 3 }, async () => {
      while (!stopped && turn < mostOrders) await orderOne(turn++);
    }),
  );
  const syncing = (async () => {
    while (!stopped) {
      const { id } = await insist('a sync', () =>
        runs.start({ connectorId: connector.id, scope: 'accounts' }),
      );
      const run = await insist('a sync followed', () => runs.ended(id, 120));
      finished.push(run);
      await sleep(500);
    }
  })();

  return {
    orders: () => orders.size,
    /** Lets everything come to its end, and compares what everybody has. */
    async stop() {
      stopped = true;
      await Promise.all([ordering, syncing]);
      const all = await Promise.all([...orders.values()].map((id) => lifecycle.get(`/v1/orders/${id}`)));
      const settled = (id) =>
        [...hooks.received.values()].find(
          ({ type, data }) => type.endsWith('.order-settled.v1') && data.orderId === id,
        );
      await until(() => all.every(({ id }) => settled(id)), {
        seconds: 90,
        what: 'a webhook of each order',
      }).catch(() => undefined);
      const atCmp = [...(await ledger())].filter((id) => !before.has(id)).length;
      const result = {
        failures,
        orders: all.length,
        notSettled: all
          .filter(({ status }) => status !== 'settled')
          .map(({ id, status }) => `${id}: ${status}`),
        atCmp,
        runs: finished.length,
        badRuns: finished
          .filter(({ status }) => status !== 'succeeded')
          .map(({ id, status }) => `${id}: ${status}`),
        webhooks: hooks.received.size,
        repeated: [...hooks.received.values()].filter(({ times }) => times > 1).length,
        unheard: all.filter(({ id }) => !settled(id)).map(({ id }) => id),
      };
      await hooks.close();
      await runs.close();
      return result;
    },
  };
}

/**
 * Watches which releases are ready, and how many connections PostgreSQL has, until it is stopped.
 * @param {Awaited<ReturnType<typeof import('./client.mjs').clientOf>>} client
 */
export function watchReleases(client, stack, apps, [old, next]) {
  const pool = new Pool({ connectionString: stack.postgres('postgres'), max: 1 });
  pool.on('error', () => undefined);
  let connections = 0;
  let stopped = false;
  let bothMs = 0;
  const together = new Set();
  const watching = (async () => {
    let last = Date.now();
    while (!stopped) {
      const pods = (await client.pods().catch(() => [])).filter(({ ready }) => ready);
      const now = Date.now();
      const tagged = (tag) =>
        pods.filter(({ app, image }) => apps.includes(app) && image.endsWith(`:${tag}`));
      const [before, after] = [tagged(old), tagged(next)];
      if (before.length > 0 && after.length > 0) bothMs += now - last;
      for (const { app } of before) if (after.some((pod) => pod.app === app)) together.add(app);
      last = now;
      const { rows } = await pool
        .query('select count(*)::int as count from pg_stat_activity where client_addr is not null')
        .catch(() => ({ rows: [] }));
      connections = Math.max(connections, rows[0]?.count ?? 0);
      await sleep(500);
    }
  })();
  return async () => {
    stopped = true;
    await watching;
    await pool.end();
    return { bothMs, connections, together: [...together] };
  };
}
