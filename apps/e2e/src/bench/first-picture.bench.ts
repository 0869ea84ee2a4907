import type { Control } from '@isthmus/cmp-simulator';
import { databaseEnv, freePort } from '@isthmus/testing';
import type { Pool } from 'pg';
import { HttpClient } from '../platform/http-client.ts';
import { ServiceProcess } from '../platform/service-process.ts';
import type { Finding } from './measuring.ts';
import { type PacedCall, perDay, perMinute, paceCalls } from './stack/paced-calls.ts';
import { endAll } from './stack/processes.ts';
import { startSyncStack, type SyncStack, tenantId } from './stack/sync-stack.ts';
import { startWorker } from './stack/sync-worker.ts';

const sizes = [400, 2_000, 10_000];
const linkedAccounts = 2;
/** How far the pages of a list are apart. */
const stride = 490;

/**
 * FP: after connecting, how many calls it takes until the seats of all live subscriptions are known, and how long that is at CMP's
 * limits. The real worker makes the calls, without limits; the simulator's log has their order; the real call budget then paces
 * them on a virtual clock.
 */
export async function measure(): Promise<Finding[]> {
  const chosen = process.argv.slice(3).map(Number);
  const findings: Finding[] = [];
  for (const size of chosen.length ? chosen : sizes) findings.push(...(await firstPictureOf(size)));
  return findings;
}

async function firstPictureOf(subscriptions: number): Promise<Finding[]> {
  const stack = await startSyncStack({
    customers: Math.ceil(subscriptions / 20),
    subscriptions,
    cachePages: false,
    now: new Date().toISOString(),
  });
  try {
    await stack.control.clearRequests();
    const listing = await startWorker(stack);
    await listing.sync('full', 'accounts');
    await link(listing.pool, linkedAccounts);
    await listing.sync('full', 'reports');
    await listing.sync();
    const { databaseUrl } = listing;
    const before = await shownSeats(stack, databaseUrl);
    await listing.stop();
    // Goes on where the first one stopped; nothing that was confirmed is confirmed again.
    const env = { DETAILS_MAX_MINUTES: '100', SCRUB_DAYS: '100000' };
    const worker = await startWorker(stack, { databaseUrl, env });
    try {
      await worker.sync('scrub');
      const after = await shownSeats(stack, databaseUrl);
      const calls = await callsMade(stack.control);
      return [
        ...(await findingsOf(subscriptions, calls, worker.pool)),
        provisionally(subscriptions, calls, before, after),
      ];
    } finally {
      await worker.stop();
    }
  } finally {
    await endAll();
  }
}

interface Seats {
  quantity: number;
  certainty: 'confirmed' | 'provisional';
}

/** What the API says of the seats of live subscriptions, by CMP's id. */
async function shownSeats(stack: SyncStack, databaseUrl: string): Promise<Map<string, Seats | null>> {
  const api = new ServiceProcess('account-sync', 'apps/account-sync/dist/main.js', {
    ...stack.workerEnv,
    PORT: String(await freePort()),
    ...databaseEnv('account-sync', databaseUrl),
  });
  await api.start();
  try {
    const client = new HttpClient(api.url, stack.token);
    const seats = new Map<string, Seats | null>();
    for (let cursor: string | null = ''; cursor !== null;) {
      const { body }: { body: Page } = await client.get<Page>(
        `/v1/provider-subscriptions?limit=200${cursor && `&cursor=${cursor}`}`,
      );
      for (const one of body.data) seats.set(one.cmpSubscriptionId, one.seats);
      cursor = body.nextCursor;
    }
    return seats;
  } finally {
    await api.stop();
  }
}

interface Page {
  data: { cmpSubscriptionId: string; seats: Seats | null }[];
  nextCursor: string | null;
}

/** The accounts that come last in CMP's list, so that nothing but the link brings them forward. */
async function link(pool: Pool, count: number): Promise<void> {
  await pool.query(
    `insert into tenant_accounts (tenant_id, id, name, created_at, updated_at, version) values ($1, 'T-1', 'Contoso', now(), now(), 1)`,
    [tenantId],
  );
  await pool.query(
    `update provider_accounts set tenant_account_id = 'T-1' where id in (
       select id from provider_accounts where status = 'active' order by cmp_id desc limit $1)`,
    [count],
  );
}

/** The calls in CMP's log; `subscription` names the one whose detail was read. Files of reports are not calls to the API. */
async function callsMade(control: Control): Promise<PacedCall[]> {
  return (await control.requests())
    .filter(({ account }) => account !== undefined)
    .map(({ path }) => {
      const subscription = /^\/subscriptions\/(\d+)$/.exec(path)?.[1];
      return { subscription, lane: subscription ? 'scrub' : 'sync' };
    });
}

interface LiveRow {
  id: string;
  linked: boolean;
}

async function findingsOf(size: number, calls: PacedCall[], pool: Pool): Promise<Finding[]> {
  const { rows } = await pool.query<LiveRow>(
    `select s.cmp_id as id, a.tenant_account_id is not null as linked
     from provider_subscriptions s join provider_accounts a on a.id = s.provider_account_id
     where s.gone_at is null and s.status in ('pending', 'active', 'hold', 'unknown')`,
  );
  const live = new Set(rows.map(({ id }) => id));
  const linked = rows.filter((row) => row.linked).map(({ id }) => id);
  // The first reading counts.
  const place = new Map(calls.map(({ subscription }, index) => [subscription, index + 1] as const).reverse());
  const places = [...live].flatMap((id) => place.get(id) ?? []).sort((a, b) => a - b);
  const ended = calls.filter(({ subscription }) => subscription && !live.has(subscription)).length;
  const { at, refused } = await paceCalls(calls);
  const from = at[0]!;
  const when = (callNumber: number) => shownTime(at[callNumber - 1]! - from);
  const share = (part: number) => places[Math.ceil(live.size * part) - 1]!;
  const listed = calls.findIndex(({ subscription }) => subscription !== undefined);
  const lastLinked = Math.max(...linked.map((id) => place.get(id)!));
  const pages = Math.ceil(size / stride);
  const floor = pages + live.size;
  const all = share(1);
  return [
    {
      id: 'FP1',
      what: `calls until all ${live.size} live of ${size} subscriptions are confirmed; floor; details of ended ones`,
      figure: `${all}; ${floor}; ${ended}`,
      must: `≤ ${floor + 5}; –; 0`,
      aim: '',
      passed: places.length === live.size && all <= floor + 5 && ended === 0,
    },
    {
      id: 'FP2',
      what: `time until 50; 90; 100 % are confirmed, at ${perMinute} calls a minute and ${perDay} a day; refused`,
      figure: `${[0.5, 0.9, 1].map((part) => when(share(part))).join('; ')}; ${refused}`,
      must: '0 refused',
      aim: '',
      passed: refused === 0,
    },
    {
      id: 'FP3',
      what: `calls and time until the ${linked.length} of linked accounts are confirmed; of that, until all are listed`,
      figure: `${lastLinked}; ${when(lastLinked)}; ${when(listed)}`,
      must: '',
      aim: '60 s',
      passed: lastLinked - listed === linked.length,
    },
  ];
}

/** What is known before the first detail has been read, and how much of it turns out to be so. */
function provisionally(
  size: number,
  calls: readonly PacedCall[],
  before: ReadonlyMap<string, Seats | null>,
  after: ReadonlyMap<string, Seats | null>,
): Finding {
  const listed = calls.findIndex(({ subscription }) => subscription !== undefined);
  const known = [...before].filter(([, seats]) => seats !== null);
  const provisional = known.filter(([, seats]) => seats!.certainty === 'provisional');
  const right = provisional.filter(([id, seats]) => after.get(id)?.quantity === seats!.quantity);
  const unconfirmed = [...after.values()].filter((seats) => seats?.certainty !== 'confirmed').length;
  const percent = (part: number, of: number) => `${Math.round((100 * part) / of)} %`;
  const most = Math.ceil(size / stride) + 6;
  return {
    id: 'FP4',
    what: `calls until all are listed and a rated report is read; seats known then; of the provisional ones, confirmed as they were`,
    figure: `${listed}; ${percent(known.length, before.size)}; ${percent(right.length, provisional.length)}`,
    must: `≤ ${most}; ≥ 90 %; –`,
    aim: '',
    passed:
      listed <= most && known.length >= 0.9 * before.size && provisional.length > 0 && unconfirmed === 0,
  };
}

function shownTime(ms: number): string {
  if (ms < 120_000) return `${Math.round(ms / 1000)} s`;
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${(ms / 3_600_000).toFixed(1)} h`;
}
