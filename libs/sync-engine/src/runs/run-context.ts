import { emitMany, type NewEvent } from '@isthmus/messaging';
import { counter } from '@isthmus/service-kit';
import type { CmpClient } from '@isthmus/cmp-client';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Pool, PoolClient } from 'pg';
import { arrayParameter, prepared } from '../database.ts';
import {
  addCounts,
  type BreakerLimits,
  LeaseLost,
  type PlanRow,
  type RunCounts,
  type RunRecord,
} from './run.ts';
import { leaseSeconds, type LeasedRun } from './run-lease.ts';

/** The data that one transaction of a run writes in addition to its own progress. */
export interface BatchResult {
  events?: readonly NewEvent[];
  records?: readonly RunRecord[];
  counts?: Partial<RunCounts>;
}

export interface Batch {
  /** State that the phase needs to continue after this batch. */
  state?: unknown;
  /** Number of processed records of this phase, and their total. */
  done: number;
  total?: number;
  counts?: Partial<RunCounts>;
  records?: readonly RunRecord[];
  /** For a plan: the data that was read and would be written, stored so that the plan can be applied exactly as shown. */
  plan?: readonly PlanRow[];
  /** The ids seen in a listing, to find out later which ones are no longer listed. */
  seen?: readonly string[];
  /** Runs in the batch's transaction; not called by a plan. */
  write?: (client: PoolClient) => Promise<BatchResult>;
}

interface RunTools {
  pool: Pool;
  em: EntityManager;
  cmp: CmpClient;
  breaker: BreakerLimits;
  signal: AbortSignal;
}

const recordsRead = counter('isthmus.sync.records');

/** The context of a phase: the run, CMP, and `commit`, the only way to write. */
export class RunContext {
  readonly pool: Pool;
  /** Only for reading with typed statements: everything a run writes goes through `commit`. */
  readonly em: EntityManager;
  readonly cmp: CmpClient;
  readonly breaker: BreakerLimits;
  readonly signal: AbortSignal;
  counts: RunCounts;
  /** Calls to CMP since the last commit. */
  calls = 0;
  /** False as soon as the totals of one listing of the run did not match. */
  complete = true;
  /** Number of the first batch of the current phase. */
  phaseStart = 0;
  #phase = '';
  /** When the phase was entered, as long as no batch has told so. */
  #enteredAt: number | undefined;
  #seq: number;
  /** The latest batch: the next one is committed after it. */
  #last: Promise<void> = Promise.resolve();

  constructor(
    readonly run: LeasedRun,
    tools: RunTools,
  ) {
    this.pool = tools.pool;
    this.em = tools.em;
    this.cmp = tools.cmp;
    this.breaker = tools.breaker;
    this.signal = tools.signal;
    this.counts = { ...run.counts };
    this.#seq = run.checkpoint?.seq ?? 0;
  }

  /** The state that this phase committed last, if the run was interrupted during it. */
  resumeState<S>(): S | undefined {
    return this.run.checkpoint?.phase === this.#phase
      ? (this.run.checkpoint.state as S | undefined)
      : undefined;
  }

  get phase(): string | null {
    return this.#phase || null;
  }

  /** Writes nothing: most phases of most runs find nothing to do. The phase is stored with its first batch, or shown if it takes long. */
  enterPhase(name: string): void {
    this.#phase = name;
    const resumed = this.run.checkpoint?.phase === name ? this.run.checkpoint : undefined;
    this.phaseStart = resumed?.from ?? this.#seq;
    if (resumed) return;
    this.run.checkpoint = { phase: name, seq: this.#seq, from: this.phaseStart };
    this.#enteredAt = Date.now();
  }

  /** Stores for readers which phase the run is in, unless a batch has done so. It leaves the checkpoint to the batches. */
  async showPhase(): Promise<void> {
    if (this.#enteredAt === undefined) return;
    const [phase, enteredAt] = [this.#phase, this.#enteredAt];
    await this.pool.query(
      `update sync_runs set phase = $3, phase_started_at = ${since('$4')}, done = 0, total = null
       where id = $1 and lease_token = $2 and status = 'running' and phase is distinct from $3`,
      [this.run.id, this.run.token, phase, Date.now() - enteredAt],
    );
    if (this.#phase === phase) this.#enteredAt = undefined;
  }

  /**
   * One transaction: the effects, their events, the per-record results and the checkpoint; refused when the lease is lost. A second
   * batch may be passed while the first is in progress, if they have no rows in common: its effects are written in the meantime, and
   * it is committed after the first. If one fails, so do those after it.
   */
  async commit(batch: Batch): Promise<BatchResult> {
    this.signal.throwIfAborted();
    const before = this.#last;
    const commit = this.#commitAfter(before, batch);
    this.#last = afterBoth(before, commit);
    this.#last.catch(() => undefined);
    return commit;
  }

  /** Resolves when no batch is in progress: one that still is would extend a lease that has been released. */
  async settled(): Promise<void> {
    await this.#last.catch(() => undefined);
  }

  async #commitAfter(before: Promise<void>, batch: Batch): Promise<BatchResult> {
    if (!batch.write && !batch.records?.length && !batch.plan?.length) {
      await before;
      await this.#progress(this.pool, batch, {});
      this.#count(batch.counts);
      return {};
    }
    const client = await this.pool.connect();
    let counts: RunCounts | undefined;
    try {
      // A worker that is stopped in mid-transaction must not keep its successor's rows locked forever.
      await client.query(`begin; set local idle_in_transaction_session_timeout = '${leaseSeconds}s'`);
      const result = this.run.apply && batch.write ? await batch.write(client) : {};
      if (result.events?.length) await emitMany(client, result.events);
      const records = [...(batch.records ?? []), ...(result.records ?? [])];
      await before;
      this.signal.throwIfAborted();
      counts = this.counts;
      await this.#progress(client, batch, result.counts ?? {}, records);
      await client.query('commit');
      client.release();
      this.#count(batch.counts);
      this.#count(result.counts);
      return result;
    } catch (error) {
      if (counts) this.counts = counts;
      await client.query('rollback').catch(() => undefined);
      client.release(error instanceof Error && 'code' in error);
      throw error;
    }
  }

  /** What is committed, for the metric. */
  #count({ calls: _, ...counts }: Partial<RunCounts> = {}): void {
    for (const [result, count] of Object.entries(counts))
      if (count) recordsRead.add(count, { scope: this.run.scope, result });
  }

  async #progress(
    on: Pool | PoolClient,
    batch: Batch,
    more: Partial<RunCounts>,
    records: readonly RunRecord[] = [],
  ): Promise<void> {
    const seq = this.#seq;
    this.counts = addCounts(addCounts(this.counts, batch.counts ?? {}), { ...more, calls: this.calls });
    this.calls = 0;
    const checkpoint = { phase: this.#phase, seq: seq + 1, from: this.phaseStart, state: batch.state };
    const enteredAt = this.#enteredAt;
    await this.#fenced(
      on,
      `checkpoint = $3, counts = $4, done = $5, total = $6, heartbeat_at = now(), phase = $7,
       phase_started_at = case when $8::float8 is null then phase_started_at else ${since('$8')} end,
       lease_until = now() + make_interval(secs => ${leaseSeconds})`,
      [
        JSON.stringify(checkpoint),
        JSON.stringify(this.counts),
        batch.done,
        batch.total ?? null,
        this.#phase,
        enteredAt === undefined ? null : Date.now() - enteredAt,
      ],
      { seq, seen: batch.seen, records, plan: batch.plan },
    );
    if (this.#enteredAt === enteredAt) this.#enteredAt = undefined;
    this.#seq = seq + 1;
    this.run.checkpoint = checkpoint;
  }

  async #fenced(on: Pool | PoolClient, set: string, values: unknown[], extras?: BatchExtras): Promise<void> {
    const params = [this.run.id, this.run.token, ...values];
    const next = (value: unknown) => `$${params.push(value)}`;
    const also = [
      extras?.seen?.length &&
        `, seen as (insert into sync_seen (run_id, seq, ids) select id, ${next(extras.seq)}, ${next(arrayParameter(extras.seen))}::uuid[] from held)`,
      extras?.plan?.length &&
        `, planned as (insert into sync_plan_batches (run_id, seq, rows) select id, ${next(extras.seq)}, ${next(JSON.stringify(extras.plan))}::json from held)`,
      extras?.records.length &&
        `, told as (insert into sync_run_batches (run_id, seq, records) select id, ${next(extras.seq)}, ${next(JSON.stringify(extras.records))}::json from held)`,
    ];
    const text = `with held as (update sync_runs set ${set} where id = $1 and lease_token = $2 and status = 'running' returning id)
      ${also.filter(Boolean).join('')} select from held`;
    const { rowCount } = await on.query({ ...prepared(text), values: params });
    if (!rowCount) throw new LeaseLost(this.run.id);
  }
}

/** The time so many milliseconds ago, by the database's clock. */
const since = (ms: string): string => `now() - make_interval(secs => ${ms}::float8 / 1000)`;

/** Unlike Promise.all, it never settles while one is still in progress. */
async function afterBoth(first: Promise<unknown>, second: Promise<unknown>): Promise<void> {
  try {
    await first;
  } finally {
    await second;
  }
}

/** What is stored with a batch in addition to its progress. */
interface BatchExtras {
  seq: number;
  seen?: readonly string[];
  records: readonly RunRecord[];
  plan?: readonly PlanRow[];
}
