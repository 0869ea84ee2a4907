import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import type { Connector, Input, Operation, SyncRun } from '@isthmus/sdk';
import { eventually } from '@isthmus/testing';
import { Pool } from 'pg';
import type { HttpAnswer, HttpClient, Untyped } from './http-client.ts';
import type { Platform, PlatformClients } from './start-platform.ts';

/** The seed's eight fields for one of the simulator's accounts; schedules off, so that nothing runs unasked. */
export function connectorFields(platform: Platform, marketplace: 'us' | 'uk' = 'us', changes: object = {}) {
  const account = defaultAccounts.find((candidate) => candidate.marketplace === marketplace)!;
  const { username, password, subscriptionKey, accountId, country, currency } = account;
  return {
    name: `IngramMicro ${marketplace.toUpperCase()}`,
    username,
    password,
    apiUrl: platform.simulator.apiUrl,
    accountId,
    subscriptionKey,
    country,
    currency,
    schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
    callLimit: { perMinute: 60_000, perDay: null },
    ...changes,
  };
}

/** Creates a connector; it can be used at once. */
export async function createConnector(
  { connectors }: { connectors: HttpClient },
  fields: ConnectorFields,
): Promise<Connector> {
  return connectors.sdk.post('/v1/connectors', { body: fields });
}

const ends = ['settled', 'refused', 'withdrawn', 'needs-attention', 'completed-not-effective'];

type ConnectorFields = Input<Operation<'post', '/v1/connectors'>>['body'];
type RunRequest = Input<Operation<'post', '/v1/sync-runs'>>['body'];

/** Once the connector is known where runs are started. */
export const startRun = (accounts: HttpClient, request: RunRequest): Promise<SyncRun> =>
  eventually(() => accounts.sdk.syncRuns.start(request));

/** Waits for the run's end; returns it whatever its status is. */
export const runEnded = (accounts: HttpClient, id: string): Promise<SyncRun> =>
  eventually(
    async () => {
      const run = await accounts.sdk.get('/v1/sync-runs/{id}', { path: { id } });
      return ['queued', 'running'].includes(run.status) ? undefined : run;
    },
    { everyMs: 100 },
  );

export async function sync(accounts: HttpClient, request: RunRequest): Promise<SyncRun> {
  return runEnded(accounts, (await startRun(accounts, request)).id);
}

/** A connector whose accounts and subscriptions are synced; returns its id. */
export async function syncEverything(platform: Platform, user: PlatformClients): Promise<string> {
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  const run = await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  if (run.status !== 'succeeded')
    throw new Error(`The sync is ${run.status}: ${JSON.stringify(run.failure)}`);
  return connectorId;
}

/** The connector's catalogue is read. */
export async function syncCatalogue(user: PlatformClients, connectorId: string): Promise<void> {
  const { catalogSyncs } = user.catalog.sdk;
  const { id } = await eventually(() => catalogSyncs.start({ connectorId }));
  await catalogSyncs.succeeded(id);
}

/**
 * This many active subscriptions that pass the test, once subscription-lifecycle has received them, each of a different
 * customer that may order.
 */
export async function subscriptionsLike(
  user: PlatformClients,
  count: number,
  test: (subscription: Untyped) => boolean,
): Promise<Untyped[]> {
  const customers = await activeCustomers(user);
  return eventually(
    async () => {
      const ofCustomer = new Map<string, Untyped>();
      const active = user.subscriptions.sdk.all('/v1/subscriptions', { query: { status: 'active' } });
      for await (const one of active)
        if (customers.has(one.cmpAccountId) && test(one)) ofCustomer.set(one.cmpAccountId, one);
      return ofCustomer.size >= count && [...ofCustomer.values()].slice(0, count);
    },
    { everyMs: 250 },
  );
}

/** CMP takes no orders of a customer on hold. */
async function activeCustomers(user: PlatformClients): Promise<Set<string>> {
  const active = new Set<string>();
  for await (const { status, cmpAccountId } of user.accounts.sdk.all('/v1/provider-accounts'))
    if (status === 'active') active.add(cmpAccountId);
  return active;
}

export const isNce = ({ lines, term }: Untyped): boolean =>
  lines.length === 1 && term !== null && /^CFQ7TTC0/.test(lines[0].mpn) && lines[0].quantity < 200;

export const place = (
  user: PlatformClients,
  order: object,
  key: string = randomUUID(),
  headers: Record<string, string> = {},
): Promise<HttpAnswer> =>
  user.subscriptions.post('/v1/orders', order, { 'idempotency-key': key, ...headers });

/** The id of an order that was accepted. While the machine is too busy to reach its database, it is repeated, as 503 says. */
export async function placed(user: PlatformClients, order: object): Promise<string> {
  const key = randomUUID();
  let answer = await place(user, order, key);
  for (let tries = 1; answer.status === 503 && tries < 60; tries += 1) {
    await sleep(500);
    answer = await place(user, order, key);
  }
  const { status, body } = answer;
  if (status !== 202) throw new Error(`The order was not accepted: ${status} ${JSON.stringify(body)}`);
  return body.id;
}

export const oneMore = ({ id, lines }: Untyped) => ({
  kind: 'change-quantity',
  subscriptionId: id,
  seats: lines[0].quantity + 1,
});

export const readOrder = (user: PlatformClients, id: string): Promise<Untyped> =>
  user.subscriptions.sdk.get('/v1/orders/{id}', { path: { id } });

/** Waits until nothing more happens to the order without a person or new information; returns it whatever its outcome. */
export const orderEnded = (user: PlatformClients, id: string): Promise<Untyped> =>
  // Asked again and again rather than followed: stories kill the process that would be followed.
  eventually(
    async () => {
      const order = await readOrder(user, id);
      // If it never does, the failure says where it stood.
      if (!ends.includes(order.status)) throw new Error(`The order has not ended: ${JSON.stringify(order)}`);
      return order;
    },
    { everyMs: 100 },
  );

/** The database of subscription-lifecycle, to let time pass there that a story has not got. */
export class OrderTime {
  readonly pool: Pool;

  constructor({ lifecycleDatabase }: Platform) {
    this.pool = new Pool({ connectionString: lifecycleDatabase, max: 8 });
    this.pool.on('error', () => undefined);
  }

  /**
   * The leases of a killed process run out. PostgreSQL still carries out what the process sent last, which may be a claim:
   * it is waited for, unless it waits for a lock.
   */
  async leasesEnd(): Promise<void> {
    await eventually(async () => {
      const { rows } = await this.pool.query(
        `select 1 from pg_stat_activity where datname = current_database()
           and application_name like 'subscription-lifecycle%' and wait_event_type is distinct from 'Lock'`,
      );
      return rows.length === 0;
    });
    await this.pool.query('update orders set leased_until = now() where leased_until is not null');
  }

  /** Makes everything due that waits to be processed again. Waiting times that are required as proof still apply. */
  async stepsAreDue(): Promise<void> {
    await this.pool.query(
      `update orders set next_step_at = now() where next_step_at > now() and leased_until is null
         and status in ('planned', 'unknown', 'accepted', 'proving')`,
    );
  }

  /** Keeps making steps due until `work` is done. */
  async hurry<T>(work: Promise<T>): Promise<T> {
    const again = setInterval(() => void this.stepsAreDue().catch(() => undefined), 300);
    return work.finally(() => clearInterval(again));
  }
}
