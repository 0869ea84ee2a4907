import type { Pool } from 'pg';
import { type Finding, inTurns, shownSpread, spread } from './measuring.ts';
import type { Databases } from './stack/databases.ts';
import { endAll, runProgram } from './stack/processes.ts';
import {
  addSubscription,
  changeNames,
  startSyncStack,
  type SyncStack,
  tenantId,
} from './stack/sync-stack.ts';
import { startWorker, type SyncingWorker, timeFirstSync } from './stack/sync-worker.ts';
import { fetchStripeSyncEngine } from './stack/stripe-sync-engine.ts';

const subscriptions = Number(process.env.BENCH_SUBSCRIPTIONS ?? 100_000);
const pairs = Number(process.env.BENCH_PAIRS ?? 5);

/** P1, P1b: the listing phase of a full sync into an empty mirror, compared with its floor and with another sync engine. */
export async function measureSync(): Promise<Finding[]> {
  const engine = await fetchStripeSyncEngine();
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: true,
    now: '2026-11-02T09:00:00Z',
  });
  try {
    process.stderr.write(`Full sync of ${subscriptions} subscriptions, ms:\n`);
    await Promise.all([byWorker(stack, 'here'), byFloor(stack)]); // fills the page server, and is not counted
    const rounds = await inTurns(pairs, {
      worker: () => byWorker(stack, 'later'),
      floor: () => byFloor(stack),
      relaying: () => byWorker(stack, 'here'),
    });
    const findings = [
      againstFloor(
        `full sync of ${subscriptions} subscriptions / floor`,
        rounds.map(({ worker, floor }) => worker / floor),
      ),
      againstFloor(
        'the same, its events published meanwhile / floor',
        rounds.map(({ relaying, floor }) => relaying / floor),
      ),
    ];
    if (!engine) return findings;
    const [other] = await inTurns(1, {
      engine: () => byProgram(stack, 'stack/stripe-sync-engine.js', { engine }),
    });
    return [...findings, againstEngine(rounds, other!.engine)];
  } finally {
    await endAll();
  }
}

function againstFloor(what: string, ratios: number[]): Finding {
  const ratio = spread(ratios);
  return {
    id: 'P1',
    what,
    figure: shownSpread(ratio, ' ×'),
    must: '≤ 1.5 ×',
    aim: '1.2 ×',
    passed: ratio.median <= 1.5,
  };
}

/** One run of that engine takes as long as all the others together; each of our runs is compared with it. */
function againstEngine(rounds: Record<'worker', number>[], engine: number): Finding {
  const faster = spread(rounds.map(({ worker }) => engine / worker));
  return {
    id: 'P1b',
    what: '@supabase/stripe-sync-engine 0.48.5 / ours',
    figure: shownSpread(faster, ' ×'),
    must: '≥ 6 ×',
    aim: '9 ×',
    passed: faster.median >= 6,
  };
}

const byWorker = (stack: SyncStack, relay: 'here' | 'later') =>
  timeFirstSync(stack, subscriptions, { relay });

const byFloor = (stack: SyncStack) => byProgram(stack, 'floors/sync.js');

async function byProgram(
  { apiUrl, connectorId, databases }: SyncStack,
  file: string,
  more = {},
): Promise<number> {
  const databaseUrl = await databases.fresh('floor');
  try {
    const { ms, rows } = await runProgram<{ ms: number; rows: number }>(file, {
      apiUrl,
      databaseUrl,
      tenantId,
      connectorId,
      ...more,
    });
    if (rows !== subscriptions) throw new Error(`${file} read ${rows} rows.`);
    return ms;
  } finally {
    await databases.drop(databaseUrl);
  }
}

const changes = subscriptions / 1000;

/** P2, P2c, P2d: a sync of what is already known, with nothing changed, with one record in a thousand changed, and with one record more. */
export async function measureResync(): Promise<Finding[]> {
  const stack = await startSyncStack({
    customers: subscriptions / 20,
    subscriptions,
    cachePages: true,
    now: '2026-11-02T09:00:00Z',
  });
  try {
    const worker = await startWorker(stack);
    try {
      const full = await written(stack, worker, () => worker.sync());
      await settle(worker);
      return [
        ...(await unchanged(stack, worker, full.wal)),
        ...(await changed(stack, worker)),
        ...(await shifted(stack, worker)),
      ];
    } finally {
      await worker.stop();
    }
  } finally {
    await endAll();
  }
}

async function unchanged(stack: SyncStack, worker: SyncingWorker, fullWal: number): Promise<Finding[]> {
  process.stderr.write(`Sync of ${subscriptions} unchanged subscriptions, ms:\n`);
  const all: Written[] = [];
  const rounds = await inTurns(pairs, {
    worker: async () => {
      const run = await written(stack, worker, () => worker.sync());
      all.push(run);
      return run.listingMs;
    },
    fetch: () => byFetch(stack),
  });
  const ratio = spread(rounds.map(({ worker: ours, fetch }) => ours / fetch));
  const most = (of: (run: Written) => number) => Math.max(...all.map(of));
  const wal = most((run) => run.wal) / fullWal;
  const [rows, events] = [most((run) => run.rows), most((run) => run.events)];
  return [
    finding(
      'P2',
      'sync without changes / fetch and parse',
      shownSpread(ratio, ' ×'),
      '≤ 1.0 ×',
      '0.5 ×',
      ratio.median <= 1,
    ),
    finding(
      'P2',
      'subscription rows written; events',
      `${rows}; ${events}`,
      '0; 0',
      '',
      rows === 0 && events === 0,
    ),
    finding('P2', 'WAL of it / of the full sync', `${(wal * 100).toFixed(2)} %`, '≤ 1 %', '', wal <= 0.01),
  ];
}

async function changed(stack: SyncStack, worker: SyncingWorker): Promise<Finding[]> {
  process.stderr.write(`Sync with ${changes} subscriptions changed, ms:\n`);
  const all: Written[] = [];
  let round = 0;
  await changeNames(stack, changes, (round += 1));
  const rounds = await inTurns(pairs, {
    fetch: () => byFetch(stack),
    worker: async () => {
      const run = await written(stack, worker, () => worker.sync());
      all.push(run);
      await settle(worker);
      await changeNames(stack, changes, (round += 1));
      return run.listingMs;
    },
  });
  const ratio = spread(rounds.map(({ worker: ours, fetch }) => ours / fetch));
  const exact = all.every((run) => run.rows === changes && run.events === changes);
  const counts = [...new Set(all.map((run) => `${run.rows}; ${run.events}`))].join(', ');
  return [
    finding(
      'P2c',
      `sync with ${changes} changed / fetch and parse`,
      shownSpread(ratio, ' ×'),
      '≤ 1.3 ×',
      '',
      ratio.median <= 1.3,
    ),
    finding('P2c', 'subscription rows written; events', counts, `${changes}; ${changes}`, '', exact),
  ];
}

async function shifted(stack: SyncStack, worker: SyncingWorker): Promise<Finding[]> {
  process.stderr.write('Sync with one subscription more, at the front, ms:\n');
  const all: Written[] = [];
  await worker.sync();
  await settle(worker);
  await addSubscription(stack);
  const rounds = await inTurns(pairs, {
    fetch: () => byFetch(stack),
    worker: async () => {
      const run = await written(stack, worker, () => worker.sync());
      all.push(run);
      await settle(worker);
      await addSubscription(stack);
      return run.listingMs;
    },
  });
  const ratio = spread(rounds.map(({ worker: ours, fetch }) => ours / fetch));
  const rows = [...new Set(all.map((run) => run.rows))].join(', ');
  return [
    finding(
      'P2d',
      'sync with one more at the front / fetch and parse',
      shownSpread(ratio, ' ×'),
      '≤ 1.3 ×',
      '',
      ratio.median <= 1.3,
    ),
    finding('P2d', 'subscription rows written', rows, '1', '', rows === '1'),
  ];
}

async function written(
  stack: SyncStack,
  { pool }: SyncingWorker,
  run: () => Promise<{ listingMs: number }>,
): Promise<Written & { listingMs: number }> {
  const since = await writtenSince(pool, stack.databases);
  const { listingMs } = await run();
  return { listingMs, ...(await since()) };
}

/** As after a sync that has read all details (one call each): none is needed any more, and nothing is left to vacuum. */
async function settle({ pool }: SyncingWorker): Promise<void> {
  await pool.query(
    'update provider_subscriptions set detail_wanted_at = null where detail_wanted_at is not null',
  );
  await pool.query('vacuum (freeze, analyze) provider_subscriptions');
  await pool.query('checkpoint');
}

async function byFetch({ apiUrl }: SyncStack): Promise<number> {
  return (await runProgram<{ ms: number }>('floors/sync.js', { apiUrl })).ms;
}

const finding = (
  id: string,
  what: string,
  figure: string,
  must: string,
  aim: string,
  passed: boolean,
): Finding => ({
  id,
  what,
  figure,
  must,
  aim,
  passed,
});

/** What a sync wrote, according to PostgreSQL. */
export interface Written {
  /** The number of subscriptions with a new row version. */
  rows: number;
  /** The number of subscription events, except for those about a quantity, which only a detail contains. */
  events: number;
  /** The bytes of write-ahead log of all services. */
  wal: number;
}

/** Records the current state; the function it returns says what was written since. */
export async function writtenSince(pool: Pool, databases: Databases): Promise<() => Promise<Written>> {
  const { rows } = await pool.query<{ xid: string; position: string }>(
    `select pg_current_xact_id()::text as xid, (select coalesce(max(position), 0) from outbox)::text as position`,
  );
  const { xid, position } = rows[0]!;
  const from = await databases.walPosition();
  return async () => {
    const wal = (await databases.walPosition()) - from;
    const found = await pool.query<{ rows: number; events: number }>(
      `select (select count(*)::int from provider_subscriptions where xmin::text::bigint > $1::bigint) as rows,
         (select count(*)::int from outbox where position > $2 and type like 'account-sync.provider-subscription-%'
            and not coalesce((data::jsonb->'changed') ?| array['quantity', 'lines'], false)) as events`,
      [xid, position],
    );
    return { ...found.rows[0]!, wal };
  };
}
