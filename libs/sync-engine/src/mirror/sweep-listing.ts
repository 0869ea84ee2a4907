import {
  readListing,
  type ListingCheckpoint,
  type ListingProof,
  type ListingStep,
  type ListPage,
} from '@isthmus/cmp-client';
import { endingsAllowed } from './breaker.ts';
import { changesOf, plannedRecordOf, type Difference, type StoredRow } from './compare-page.ts';
import type { Mirror } from './mirror.ts';
import { mirrorId } from './mirror-id.ts';
import { mirrorRow, type MirrorRow } from './mirror-row.ts';
import { mirrorSql, type MirrorSql } from './mirror-sql.ts';
import type { Batch, RunContext } from '../runs/run-context.ts';
import { planRowsOf } from '../runs/run-plan.ts';
import type { RunRecord } from '../runs/run-report.ts';
import { writeChanges } from './write-changes.ts';

export interface Sweep<T> {
  mirror: Mirror<T>;
  page: (offset: number, limit: number) => Promise<ListPage<T>>;
  /** Records to leave alone, e.g. those of accounts whose sync is off. */
  skip?: Skip<T>;
}

export interface Skip<T> {
  listed: (value: T) => boolean;
  /** Whether one that is kept here is left alone too: of one that came from elsewhere the move has to be stored. */
  stored: (stored: StoredRow) => boolean;
}

/** Where a sweep stands; plain JSON, committed with every page. */
export interface SweepState {
  listing: ListingCheckpoint;
  done: number;
  seen: number;
  /** Records without a readable id: with one of them nothing can be said to be missing. */
  unidentified: number;
  /** Live records that this sweep ended, or would end. */
  ended: number;
  /** The breaker opened: from that page on the sweep only plans. */
  held: boolean;
}

export interface SweepOutcome {
  proof: ListingProof;
  state: SweepState | undefined;
}

/**
 * Reads a listing to its end and brings the mirror in step, a batch per page; an unchanged page writes nothing but its checkpoint.
 * While one page is committed the next is written and the one after it read and compared, which keeps this process and PostgreSQL
 * busy; they are committed in their order.
 */
export async function sweepListing<T>(
  context: RunContext,
  sweep: Sweep<T>,
  live: number,
): Promise<SweepOutcome> {
  const sql = mirrorSql(sweep.mirror);
  const limit = endingsAllowed(context.breaker, live, context.run.endingsApproved);
  let state = context.resumeState<SweepState>();
  const pages = readTimed(sweep.page, state?.listing);
  let coming = comparePage(context, sweep, sql, pages, state?.listing.repeats);
  let writing: Promise<unknown> = Promise.resolve();
  for (;;) {
    const page = await coming;
    if ('proof' in page) {
      await writing;
      return { proof: page.proof, state };
    }
    coming = later(comparePage(context, sweep, sql, pages, page.checkpoint.repeats));
    if (!page.differences) await writing;
    const found = await (page.differences ?? changesOf(context.pool, sweep.mirror, sql, page.rows));
    const differences = page.skipped.size ? found.filter((one) => !leftAlone(sweep, page, one)) : found;
    state = stateAfter(state, page, differences, limit);
    const written = later(context.commit(batchOf(context, sweep.mirror, sql, page, differences, state)));
    await writing;
    if (sweep.mirror.alongside) await written;
    writing = written;
  }
}

/** Nothing is learned of a record to be skipped, but of one kept here it is learned when it goes to where records are skipped. */
const leftAlone = <T>({ skip }: Sweep<T>, { skipped }: SortedPage<T>, { row, stored }: Difference<T>) =>
  skipped.has(row.id) && (!stored || stored.gone || skip!.stored(stored));

/** For what may fail while something else is awaited: whoever comes for it meets the rejection. */
function later<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => undefined);
  return promise;
}

/** A page as compared with the mirror; what CMP wrote is let go of, as several pages are at hand at once. */
interface ComparedPage<T> extends SortedPage<T> {
  asOf: string;
  read: number;
  total: number;
  checkpoint: ListingCheckpoint;
  /** Undefined when the page repeats rows, perhaps of one that is being written, and must be compared afterwards. */
  differences?: Promise<Difference<T>[]>;
}

async function comparePage<T>(
  context: RunContext,
  sweep: Sweep<T>,
  sql: MirrorSql,
  pages: AsyncGenerator<TimedStep<T>, ListingProof>,
  repeats = 0,
): Promise<ComparedPage<T> | { proof: ListingProof }> {
  const next = await pages.next();
  if (next.done) return { proof: next.value };
  const { asOf, step } = next.value;
  const { checkpoint, total } = step;
  const sorted = sort(context, sweep, step);
  const page = { ...sorted, asOf, checkpoint, total, read: step.records.length };
  if (checkpoint.repeats > repeats) return page;
  return { ...page, differences: later(changesOf(context.pool, sweep.mirror, sql, sorted.rows)) };
}

function stateAfter<T>(
  before: SweepState | undefined,
  { checkpoint, read, rows, asideIds, unidentified }: ComparedPage<T>,
  differences: readonly Difference<T>[],
  limit: number,
): SweepState {
  const ended = (before?.ended ?? 0) + count(differences, 'ended');
  return {
    listing: checkpoint,
    done: (before?.done ?? 0) + read,
    seen: (before?.seen ?? 0) + rows.length + asideIds.length,
    unidentified: (before?.unidentified ?? 0) + unidentified,
    ended,
    held: before?.held || ended > limit,
  };
}

function batchOf<T>(
  { run }: RunContext,
  mirror: Mirror<T>,
  sql: MirrorSql,
  page: ComparedPage<T>,
  differences: readonly Difference<T>[],
  state: SweepState,
): Batch {
  const { read, total, asOf } = page;
  const plans = !run.apply || state.held;
  const skipped = page.skipped.size - differences.filter(({ row }) => page.skipped.has(row.id)).length;
  const origin = { tenantId: run.tenantId, connectorId: run.connectorId, asOf };
  // Of a live one whose detail follows in this run the plan says it then, with all that differs.
  const shown = differences.filter(
    ({ kind, changed, row }) =>
      (kind !== 'changed' || changed.length > 0) &&
      (run.apply || !mirror.detailFollows || !mirror.isLive(row.value)),
  );
  return {
    state,
    done: state.done,
    total,
    seen: [...page.rows.map((row) => row.id), ...page.asideIds],
    counts: {
      read,
      unchanged: page.rows.length - differences.length - skipped,
      setAside: page.aside.length,
      skipped,
      ...(plans ? planned(shown) : {}),
    },
    records: plans
      ? [...page.aside, ...shown.map((difference) => plannedRecordOf(mirror, difference))]
      : page.aside,
    plan: run.apply ? undefined : planRowsOf(mirror.kind, mirror, differences, asOf),
    write:
      plans || !differences.length
        ? undefined
        : (client) => writeChanges(client, mirror, sql, differences, origin),
  };
}

interface TimedStep<T> {
  step: ListingStep<T>;
  /** When the page was asked for: what it says is at least as new. */
  asOf: string;
}

/** Reads the listing and tells of each step when its page was asked for, though pages are fetched ahead of their turn. */
async function* readTimed<T>(
  page: Sweep<T>['page'],
  from?: ListingCheckpoint,
): AsyncGenerator<TimedStep<T>, ListingProof> {
  const asked: string[] = [];
  const noted: Sweep<T>['page'] = (offset, limit) => {
    asked.push(new Date().toISOString());
    return page(offset, limit);
  };
  const listing = readListing(noted, { from, ahead: 1 });
  for (;;) {
    const step = await listing.next();
    if (step.done) return step.value;
    // A page read twice leaves an older time for its successors, which errs on the careful side.
    yield { step: step.value, asOf: asked.shift()! };
  }
}

interface SortedPage<T> {
  rows: MirrorRow<T>[];
  aside: RunRecord[];
  asideIds: string[];
  /** Our ids of rows to be left alone; they are compared, as they may be kept under the account they came from. */
  skipped: Set<string>;
  unidentified: number;
}

/** Divides a page into rows to compare, rows to leave alone, and records that do not parse. */
function sort<T>({ run }: RunContext, { mirror, skip }: Sweep<T>, step: ListingStep<T>): SortedPage<T> {
  const page: SortedPage<T> = { rows: [], aside: [], asideIds: [], skipped: new Set(), unidentified: 0 };
  const aside = (cmpId: string | undefined, reason: string) =>
    page.aside.push({ kind: mirror.kind, cmpId, result: 'set-aside', reason });
  const ids = new Set<string>();
  for (const record of step.records) {
    if (!record.ok) {
      aside(record.id, `${record.field}: ${record.reason}`);
      if (record.id) page.asideIds.push(mirrorId(run, mirror.kind, record.id));
      else page.unidentified += 1;
    } else {
      const row = mirrorRow(mirror, run, record.value);
      // PostgreSQL writes a row but once in a statement: a second one would fail the page.
      if (ids.has(row.id)) aside(row.cmpId, 'listed twice on one page; the first is kept');
      else {
        page.rows.push(row);
        if (skip?.listed(record.value)) page.skipped.add(row.id);
      }
      ids.add(row.id);
    }
  }
  return page;
}

const count = <T>(differences: readonly Difference<T>[], wanted: string): number =>
  differences.filter(({ kind }) => kind === wanted).length;

export const planned = <T>(differences: readonly Difference<T>[]) => ({
  appeared: count(differences, 'appeared'),
  changed: count(differences, 'changed'),
  ended: count(differences, 'ended'),
});
