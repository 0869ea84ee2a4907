import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { eventually } from '@isthmus/testing';
import { Pool } from 'pg';
import type { HttpAnswer, HttpClient, Untyped } from './http-client.ts';
import type { Platform, PlatformClients } from './start-platform.ts';

export interface SyncRunAnswer {
  id: string;
  status: string;
  phase: string | null;
  done: number;
  total: number | null;
  counts: Record<string, number>;
  complete: boolean | null;
  failure: { code: string; detail: string; nextStep: string } | null;
}

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
  fields: object,
): Promise<{ id: string }> {
  const { status, body } = await connectors.post('/v1/connectors', fields);
  if (status !== 201) throw new Error(`The connector was not created: ${JSON.stringify(body)}`);
  return body;
}

export async function startRun(accounts: HttpClient, request: object): Promise<SyncRunAnswer> {
  return eventually(async () => {
    const { status, body } = await accounts.post('/v1/sync-runs', request, {
      'idempotency-key': randomUUID(),
    });
    if (status !== 202) throw new Error(`The run was not started: ${JSON.stringify(body)}`);
    return body as SyncRunAnswer;
  });
}

/** Waits for the run's end; returns it whatever its status is. */
export function runEnded(accounts: HttpClient, id: string): Promise<SyncRunAnswer> {
  return eventually(
    async () => {
      const { body } = await accounts.get<SyncRunAnswer>(`/v1/sync-runs/${id}`);
      return ['queued', 'running'].includes(body.status) ? undefined : body;
    },
    { everyMs: 100 },
  );
}

export async function sync(accounts: HttpClient, request: object): Promise<SyncRunAnswer> {
  return runEnded(accounts, (await startRun(accounts, request)).id);
}

const ends = ['settled', 'refused', 'withdrawn', 'needs-attention', 'completed-not-effective'];

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
  const { id } = await eventually(async () => {
    const key = { 'idempotency-key': randomUUID() };
    const { status, body } = await user.catalog.post('/v1/catalog-syncs', { connectorId }, key);
    return status === 202 && body;
  });
  await eventually(
    async () => (await user.catalog.get(`/v1/catalog-syncs/${id}`)).body.status === 'succeeded',
    { everyMs: 100 },
  );
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
      for (let cursor = ''; ;) {
        const { body } = await user.subscriptions.get(`/v1/subscriptions?status=active&limit=200${cursor}`);
        for (const one of body.data)
          if (customers.has(one.cmpAccountId) && test(one)) ofCustomer.set(one.cmpAccountId, one);
        if (!body.nextCursor) break;
        cursor = `&cursor=${encodeURIComponent(body.nextCursor)}`;
      }
      return ofCustomer.size >= count && [...ofCustomer.values()].slice(0, count);
    },
    { everyMs: 250 },
  );
}

/** CMP takes no orders of a customer on hold. */
async function activeCustomers(user: PlatformClients): Promise<Set<string>> {
  const { body } = await user.accounts.get('/v1/provider-accounts?limit=200');
  return new Set(
    body.data
      .filter(({ status }: Untyped) => status === 'active')
      .map(({ cmpAccountId }: Untyped) => cmpAccountId),
  );
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

export const readOrder = async (user: PlatformClients, id: string): Promise<Untyped> =>
  (await user.subscriptions.get(`/v1/orders/${id}`)).body;

/** Waits until nothing more happens to the order without a person or new information; returns it whatever its outcome. */
export const orderEnded = (user: PlatformClients, id: string): Promise<Untyped> =>
  eventually(
    async () => {
      const order = await readOrder(user, id);
      return ends.includes(order.status) && order;
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
