import { randomUUID } from 'node:crypto';
import { VirtualClock } from '@isthmus/domain';
import { inTransaction } from '@isthmus/service-kit';
import { claimRun, startRun, SyncWorker } from '@isthmus/sync-engine';
import { eventually } from '@isthmus/testing';
import { startSyncing, type Syncing } from '../../test/syncing.fixture.ts';

let sync: Syncing;
let workers: TestWorker[];
beforeAll(async () => {
  sync = await startSyncing({ world: { customers: 0, subscriptions: 0 } });
});
afterAll(() => sync.stop());
beforeEach(() => {
  workers = [];
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await sync.pool.query('delete from sync_runs');
});

/** A worker on a clock that stands still: it looks for runs only when it is woken, or when a spec moves its time. */
interface TestWorker {
  name: string;
  clock: VirtualClock;
  /** Ids of the runs it took, in this order. */
  taken: string[];
  stop(): Promise<void>;
}

const concurrency = 4;

/** @param work what a run consists of, unless its worker is stopped before; nothing by default */
async function startWorker(name: string, work: () => Promise<void> = () => Promise.resolve()) {
  const clock = new VirtualClock();
  const taken: string[] = [];
  const worker = new SyncWorker(
    {
      ...sync.service,
      owner: name,
      phasesOf: async (run) => {
        taken.push(run.id);
        return [{ name: 'all', run: ({ signal }) => Promise.race([work(), aborted(signal)]) }];
      },
    },
    concurrency,
    clock,
  );
  worker.onApplicationBootstrap();
  let stopped: Promise<void> | undefined;
  const stop = () => (stopped ??= worker.beforeApplicationShutdown());
  const started: TestWorker = { name, clock, taken, stop };
  workers.push(started);
  return started;
}

const endless = () => new Promise<void>(() => undefined);
const aborted = (signal: AbortSignal) =>
  new Promise<never>((_, reject) => {
    // A worker may be stopped between taking a run and its first phase.
    signal.throwIfAborted();
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
  });

const newRun = () => sync.start({ scope: 'accounts', target: `provider-account:${randomUUID()}` });
const newRuns = async (count: number) => {
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) ids.push(await newRun());
  return ids;
};
const statuses = async () => {
  const { rows } = await sync.pool.query<{ status: string; attempts: number; n: number }>(
    'select status, attempts, count(*)::int as n from sync_runs group by status, attempts',
  );
  return rows;
};
const listeners = async () => {
  const { rows } = await sync.pool.query<{ pid: number }>(
    `select pid from pg_stat_activity where datname = current_database() and application_name = 'sync runs due'
       and state = 'idle'`,
  );
  return rows.map(({ pid }) => pid);
};
/** Only then can it be woken. */
const listening = (count: number) => eventually(async () => (await listeners()).length === count);

describe('sharing', () => {
  /** Lets runs end only when no worker has room for another, or when there is no other. */
  function barrier(workerCount: number, runs: number) {
    let begun = 0;
    let held: (() => void)[] = [];
    return () =>
      new Promise<void>((resolve) => {
        begun += 1;
        held.push(resolve);
        if (held.length < workerCount * concurrency && begun < runs) return;
        for (const release of held) release();
        held = [];
      });
  }

  it.each([1, 2, 4])('gives sixty runs to %d workers evenly, and each run to one', async (count) => {
    const ids = await newRuns(60);
    const work = barrier(count, ids.length);
    for (let n = 1; n <= count; n += 1) await startWorker(`worker ${n}`, work);
    await eventually(async () => (await statuses()).every(({ status }) => status === 'succeeded'));

    expect(await statuses()).toEqual([{ status: 'succeeded', attempts: 1, n: 60 }]);
    expect(workers.flatMap(({ taken }) => taken).toSorted()).toEqual(ids.toSorted());
    const shares = workers.map(({ taken }) => taken.length);
    // What is left after the last full round may be anybody's.
    const rounds = Math.floor(60 / (count * concurrency));
    for (const share of shares) {
      expect(share).toBeGreaterThanOrEqual(rounds * concurrency);
      expect(share).toBeLessThanOrEqual((rounds + 1) * concurrency);
    }
  });

  it('gives out first what has been due for longest', async () => {
    const ids = await newRuns(3);
    const [first, second, third] = ids;
    await sync.pool.query(`update sync_runs set enqueued_at = now() - interval '1 hour' where id = $1`, [
      third,
    ]);
    for (const expected of [third, first, second, undefined])
      expect((await claimRun(sync.pool, 'somebody'))?.id).toBe(expected);
  });
});

describe('waking', () => {
  it('wakes an idle worker when the transaction that starts a run commits, and not when it rolls back', async () => {
    const worker = await startWorker('idle');
    await listening(1);
    const request = {
      tenantId: sync.tenantId,
      connectorId: sync.connectorId,
      scope: 'accounts',
      depth: 'full',
      trigger: 'person',
      requestedBy: 'spec',
    } as const;
    const rolledBack = inTransaction(sync.pool, async (client) => {
      await startRun(client, request);
      throw new Error('no');
    });
    await expect(rolledBack).rejects.toThrow('no');
    const id = await newRun();
    await eventually(() => worker.taken.length > 0);
    expect(worker.taken).toEqual([id]);
  });

  it('takes what became due while it could not listen, and listens again', async () => {
    const worker = await startWorker('deaf');
    await listening(1);
    const [pid] = await listeners();
    await sync.pool.query('select pg_terminate_backend($1)', [pid]);
    const meanwhile = await newRun();
    await eventually(() => worker.taken.includes(meanwhile));
    await eventually(async () => (await listeners()).some((other) => other !== pid));
    const later = await newRun();
    await eventually(() => worker.taken.includes(later));
  });

  it('has no more in hand than it may work on at once, and takes the next run as soon as one has ended', async () => {
    const ends: (() => void)[] = [];
    const worker = await startWorker('busy', () => new Promise((resolve) => ends.push(resolve)));
    await newRuns(concurrency + 3);
    await eventually(() => ends.length >= concurrency);
    await worker.clock.advance(1_000);
    expect(await claimRun(sync.pool, 'somebody')).toMatchObject({ startedBefore: false });
    expect(worker.taken).toHaveLength(concurrency);
    ends[0]!();
    await eventually(() => worker.taken.length > concurrency);
    expect(worker.taken).toHaveLength(concurrency + 1);
  });
});

describe('a worker that is gone', () => {
  it('loses its run ten seconds after its last sign of life, to another that looks every second', async () => {
    const id = await newRun();
    const dead = await claimRun(sync.pool, 'killed');
    expect(dead).toMatchObject({ id });
    const { lease } = await sync.one(
      'select extract(epoch from lease_until - heartbeat_at)::int as lease from sync_runs where id = $1',
      [id],
    );
    expect(lease).toBe(10);
    const other = await startWorker('other');
    await listening(1);
    await other.clock.advance(1_000);
    expect(await claimRun(sync.pool, 'somebody')).toBeUndefined();
    expect(other.taken).toEqual([]);

    // Nobody announces that a lease has ended.
    await sync.pool.query(`update sync_runs set lease_until = now() - interval '1 ms' where id = $1`, [id]);
    await other.clock.advance(1_000);
    await eventually(() => other.taken.length > 0);
    expect(other.taken).toEqual([id]);
    await eventually(async () => (await statuses()).some(({ status }) => status === 'succeeded'));
  });

  it('keeps its run for as long as it shows signs of life', async () => {
    const worker = await startWorker('slow', endless);
    const id = await newRun();
    await eventually(() => worker.taken.length === 1);
    const leaseUntil = async () =>
      (await sync.one<{ until: Date }>('select lease_until as until from sync_runs where id = $1', [id]))
        .until;
    const first = await leaseUntil();
    await eventually(async () => (await leaseUntil()) > first);
    expect(await claimRun(sync.pool, 'somebody')).toBeUndefined();
  });

  it('gives its run back when it is told to stop, and another is woken to go on with it', async () => {
    const leaving = await startWorker('leaving', endless);
    const id = await newRun();
    await eventually(() => leaving.taken.length === 1);
    const staying = await startWorker('staying');
    await listening(2);
    const connections = await listeners();
    await leaving.stop();
    await eventually(() => staying.taken.length > 0);
    expect(staying.taken).toEqual([id]);
    // Its clock stands still, and it listens as before: only the announcement can have told it.
    expect(connections).toEqual(expect.arrayContaining(await listeners()));
    await eventually(async () => (await statuses()).some(({ status }) => status === 'succeeded'));
  });

  it('gives its runs back to their places, before those that became due after them', async () => {
    const leaving = await startWorker('leaving', endless);
    const ids = await newRuns(concurrency + 1);
    await eventually(() => leaving.taken.length === concurrency);
    await leaving.stop();
    for (const id of ids) expect((await claimRun(sync.pool, 'next'))?.id).toBe(id);
  });
});

it('leaves a run that pauses alone until its pause is over', async () => {
  const id = await newRun();
  await sync.simulator.control.fault({ kind: 'throttle', retryAfter: 30, times: null });
  expect(await sync.work(id)).toMatchObject({ status: 'running', waiting: { until: expect.any(String) } });
  await sync.simulator.control.clearFaults();
  const worker = await startWorker('patient');
  await listening(1);
  await worker.clock.advance(1_000);
  expect(await claimRun(sync.pool, 'somebody')).toBeUndefined();
  await sync.pool.query('update sync_runs set enqueued_at = now()');
  await worker.clock.advance(1_000);
  await eventually(() => worker.taken.includes(id));
});
