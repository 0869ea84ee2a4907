import { randomUUID } from 'node:crypto';
import { CallBudget, CmpClient } from '@isthmus/cmp-client';
import { defaultAccounts, type RunningSimulator, startSimulator } from '@isthmus/cmp-simulator';
import { systemClock } from '@isthmus/domain';
import { createService, type RunningService } from '@isthmus/service-kit';
import { compareWithDocument, serviceDatabase, testIssuer, type TokenClaims } from '@isthmus/testing';
import { Pool } from 'pg';
import { SubscriptionLifecycleEnv } from '../src/config.ts';
import { PostgresOrderStore } from '../src/orders/order.store.ts';
import { newOrder, type OrderRecord, type OrderSpec, queueKey } from '../src/orders/order.ts';
import { workOnOne } from '../src/orders/protocol/order-steps.ts';
import { orderingRules } from '../src/orders/protocol/ordering.ts';
import { defaultRetryPolicy, type RetryPolicy } from '../src/orders/protocol/retry-policy.ts';
import { subscriptionLifecycle } from '../src/service.ts';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what is in it is for the expectations to say
export type Json = any;

/** Patience for tests: the same order of things, within seconds. */
export const fastPolicy: RetryPolicy = {
  ...defaultRetryPolicy,
  resendFloor: 1_500,
  searchDelays: [100, 300],
  pollDelays: [100],
  rereadDelays: [0, 100],
  retries: [100],
  rereadsBeforeDisproof: 3,
};

export const secretRing = JSON.stringify({
  current: 'k',
  keys: { k: Buffer.alloc(32, 1).toString('base64') },
});

/** The service in this process on a database of its own, without workers; steps are taken by the test, before a simulated CMP. */
export async function runLifecycle(env: Record<string, string> = {}) {
  const fresh = await serviceDatabase(subscriptionLifecycle);
  const issuer = await testIssuer();
  const simulator = await startSimulator({
    limits: { perMinute: null, perDay: null },
    orderDelaySeconds: 0.2,
  });
  const service: RunningService<SubscriptionLifecycleEnv> = await createService(subscriptionLifecycle, {
    ...issuer.env,
    ...fresh.env,
    NATS_URL: process.env.TEST_NATS_URL,
    PORT: '0',
    LOG_LEVEL: 'silent',
    ORDER_WORKERS: '0',
    SCHEDULE_POLL_MS: '0',
    WARNING_POLL_MS: '0',
    SECRET_RING: secretRing,
    ...env,
  });
  const url = await service.listen();
  compareWithDocument(url, 'subscription-lifecycle');
  const pool = new Pool({ connectionString: fresh.url });
  const [tenantId, connectorId] = [randomUUID(), randomUUID()];
  const cmp = new CmpClient(
    { connectorId, apiUrl: simulator.apiUrl, ...defaultAccounts[0]! },
    { budget: CallBudget.unlimited() },
  );
  const store = service.get(PostgresOrderStore);
  const ports = {
    clock: systemClock,
    store,
    openCmp: () => Promise.resolve(cmp),
    rules: { ...orderingRules, retryPolicy: fastPolicy },
  };

  return {
    service,
    simulator: simulator as RunningSimulator,
    pool,
    store,
    cmp,
    ports,
    oidc: issuer.env,
    tenantId,
    connectorId,
    async call(
      method: string,
      path: string,
      body?: unknown,
      headers: Record<string, string> = {},
      as: TokenClaims = {},
    ) {
      const token = await issuer.token({ tenant: tenantId, ...as });
      const response = await fetch(`${url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        body: body === undefined ? undefined : JSON.stringify(body),
      });
      const text = await response.text();
      return {
        status: response.status,
        headers: response.headers,
        body: (text ? JSON.parse(text) : undefined) as Json,
      };
    },
    /** Server-sent events, once the service has ended the stream; or another answer that is no JSON. */
    async stream(path: string, headers: Record<string, string> = {}) {
      const token = await issuer.token({ tenant: tenantId });
      const response = await fetch(`${url}${path}`, {
        headers: { authorization: `Bearer ${token}`, ...headers },
      });
      return { type: response.headers.get('content-type'), text: await response.text() };
    },
    /** An accepted order, past the door. */
    async order(spec: OrderSpec): Promise<string> {
      const record = newOrder(randomUUID(), spec, { highestTotal: null, extraProducts: 'any' }, Date.now());
      await pool.query(
        `insert into orders (id, tenant_id, connector_id, queue, kind, status, record, next_step_at, requested_by, correlation_id)
         values ($1, $2, $3, $4, $5, 'planned', $6, now(), 'spec', 'spec')`,
        [record.id, tenantId, connectorId, queueKey(spec), spec.kind, JSON.stringify(record)],
      );
      return record.id;
    },
    async read(id: string): Promise<OrderRecord> {
      const { rows } = await pool.query('select record from orders where id = $1', [id]);
      return rows[0].record;
    },
    /** Works until the order has one of these statuses. */
    async until(id: string, ...statuses: string[]): Promise<OrderRecord> {
      for (let n = 0; n < 300; n += 1) {
        const { rows } = await pool.query('select record from orders where id = $1', [id]);
        const record = rows[0].record as OrderRecord;
        if (statuses.includes(record.status)) return record;
        if (!(await workOnOne('spec', ports))) await systemClock.sleep(30);
      }
      throw new Error(`Order ${id} is ${(await this.read(id)).status}, not ${statuses.join(' or ')}.`);
    },
    /** The statuses the order has had, the present one included. */
    async statuses(id: string): Promise<string[]> {
      const { rows } = await pool.query<{ status: string }>(
        'select status from order_history where order_id = $1',
        [id],
      );
      return rows.map(({ status }) => status);
    },
    said: async () =>
      (await pool.query('select type as subject, data from outbox order by position')).rows as Json[],
    async stop() {
      await service.close();
      await pool.end();
      await simulator.close();
      await issuer.close();
      await fresh.drop();
    },
  };
}

export type Lifecycle = Awaited<ReturnType<typeof runLifecycle>>;
