import { eventually, startPostgres } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';
import { type Finding, percentile } from './measuring.ts';
import { Databases } from './stack/databases.ts';
import { atEnd } from './stack/processes.ts';

const customers = 500;
const subscriptions = 200;
const requests = 400;
const warmUp = 60;
const most = 50;

/** Work 365 reads all of 500 customers, all 200 subscriptions of one customer, and one of them; none of this calls CMP. */
export async function measure(): Promise<Finding[]> {
  const postgres = await startPostgres();
  atEnd(() => postgres.stop());
  const platform = await startPlatform({
    simulator: { world: { customers, subscriptions: 900, products: 50 } },
    postgres: postgres.url,
    catalog: true,
    lifecycle: true,
    restProvider: true,
    env: { LOG_LEVEL: 'warn' },
  });
  atEnd(() => platform.stop());
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  await sync(user.accounts, { connectorId, scope: 'subscriptions', depth: 'full' });
  const { body: issued } = await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, {
    label: 'bench',
  });
  const get = reader(platform, issued.key);
  const everybody = await get<{ id: string }[]>('/customers');
  const customer = everybody[0]!.id;
  await gather(platform, new Databases(postgres.url), customer);
  const path = `/customers/${customer}/subscriptions`;
  const listed = await get<{ id: string }[]>(path);

  const before = (await platform.simulator.control.requests()).length;
  const all = await time(() => get('/customers'));
  const many = await time(() => get(path));
  const one = await time(() => get(`${path}/${listed[0]!.id}`));
  const calls = (await platform.simulator.control.requests()).length - before;
  return [
    finding('W1', `GET /customers, ${everybody.length} of them: p50; p99`, all),
    finding('W2', `GET …/subscriptions of a customer, ${listed.length} of them: p50; p99`, many),
    finding('W3', 'GET …/subscriptions/{id}: p50; p99', one),
    {
      id: 'W4',
      what: `calls to CMP for ${3 * (requests + warmUp)} reads`,
      figure: String(calls),
      must: '0',
      aim: '0',
      passed: calls === 0 && everybody.length === customers && listed.length >= subscriptions,
    },
  ];
}

const reader =
  (platform: Platform, key: string) =>
  async <T>(path: string): Promise<T> => {
    const headers = { 'work-365-rest-provider-api-key': key };
    const response = await fetch(platform.restProvider!.url + path, { headers });
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  };

/** Ended ones are not always listed. */
const active = `status = 'active' and state->>'lines' is not null`;

/** Gives one customer enough subscriptions, because the simulator's worlds distribute them. */
async function gather(platform: Platform, databases: Databases, customer: string): Promise<void> {
  await eventually(
    async () => {
      const [row] = await databases.query<{ known: number }>(
        `select count(*)::int as known from subscriptions where ${active}`,
        platform.lifecycleDatabase,
      );
      return row!.known >= subscriptions;
    },
    { withinMs: 120_000, everyMs: 200 },
  );
  await databases.query(
    `update subscriptions set provider_account_id = '${customer}' where id in (
       select id from subscriptions where ${active} order by id limit ${subscriptions})`,
    platform.lifecycleDatabase,
  );
  await databases.query('vacuum analyze', platform.lifecycleDatabase);
}

/** The duration of each request in milliseconds, one after the other. */
async function time(request: () => Promise<unknown>): Promise<number[]> {
  for (let n = 0; n < warmUp; n += 1) await request();
  const took: number[] = [];
  for (let n = 0; n < requests; n += 1) {
    const begun = performance.now();
    await request();
    took.push(performance.now() - begun);
  }
  return took;
}

function finding(id: string, what: string, took: readonly number[]): Finding {
  const [p50, p99] = [percentile(took, 0.5), percentile(took, 0.99)];
  const figure = `${p50.toFixed(1)}; ${p99.toFixed(1)} ms`;
  return { id, what, figure, must: `p99 ≤ ${most} ms`, aim: '–', passed: p99 <= most };
}
