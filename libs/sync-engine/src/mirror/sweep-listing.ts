import {
  readListing,
  type KnownRecords,
  type ListedRecord,
  type ListingCheckpoint,
  type ListingProof,
  type ListingStep,
  type ListPage,
} from '@isthmus/cmp-client';
import type { RunContext } from '../runs/run-context.ts';
import { allowedEndings, type RunRecord } from '../runs/run.ts';
import { applyRecords } from './apply-records.ts';
import { changesOf, countMoved, countOf, type Comparison, type Difference } from './compare-records.ts';
import { knownRows } from './known-rows.ts';
import { mirrorId, mirrorRow, mirrorStatements, type Mirror, type MirrorRow } from './mirror.ts';

export interface Sweep<T> {
  mirror: Mirror<T>;
  /** `known` is given if the mirror has a `mapping`: those records need not be read. */
  page: (offset: number, limit: number, known?: KnownRecords) => Promise<ListPage<T, ListedRecord<T>>>;
  /**
   * Customers, by CMP's ids, whose records are skipped, e.g. because their sync is disabled. A stored record that came from another
   * customer is not skipped, because the move has to be stored.
   */
  skip?: ReadonlySet<string>;
}

/** The progress of a sweep; plain JSON, committed with every page. */
interface SweepState {
  listing: ListingCheckpoint;
  done: number;
  seen: number;
  /** The number of records without a readable id: as long as there is one, no record can be declared missing. */
  unidentified: number;
  /** Live records that this sweep ended, or would end. */
  ended: number;
  /** Live records that this sweep moved to other customers, or would move. */
  moved: number;
  /** The breaker has opened: from that page on, the sweep only plans. */
  held: boolean;
}

export interface SweepOutcome {
  proof: ListingProof;
  state: SweepState | undefined;
}

/**
 * Reads a listing to its end and brings the mirror up to date, a batch per page; an unchanged page writes nothing but its checkpoint.
 * While one page is being committed, the next is written and the one after that is read and compared, which keeps both this process
 * and PostgreSQL busy. Pages are committed in order.
 */
export async function sweepListing<T>(
  context: RunContext,
  sweep: Sweep<T>,
  live: number,
): Promise<SweepOutcome> {
  const { mirror } = sweep;
  const limits = {
    ended: allowedEndings(context.breaker, live, context.run.endingsApproved),
    moved: allowedEndings(context.breaker, live, context.run.movesApproved),
  };
  let state = context.resumeState<SweepState>();
  const listing = new TimedListing(pagesOf(context, sweep), state?.listing);
  let committed: Promise<unknown> = Promise.resolve();
  for await (const page of ahead(comparedPages(context, sweep, listing), 1)) {
    if (!page.differences) await committed;
    const found = await (page.differences ?? comparePage(context, mirror, page.rows));
    const comparison = withoutSkipped(context, sweep, page, found);
    state = stateAfter(state, page, comparison.differences, limits);
    const commit = quietly(commitPage(context, page, comparison, state));
    // Further effects of a page may touch rows of the next one.
    await (mirror.afterWrite ? commit : committed);
    committed = commit;
  }
  await committed;
  return { proof: listing.proof!, state };
}

function pagesOf<T>({ pool, run }: RunContext, { mirror, page, skip }: Sweep<T>): PageReader<T> {
  const known = mirror.mapping === undefined ? undefined : knownRows(pool, mirror, run, skip);
  return (offset, limit) => page(offset, limit, known);
}

/**
 * A page of the listing, compared with the mirror. CMP's original JSON is dropped, because several pages are in memory at the
 * same time.
 */
interface SweptPage<T> extends SortedPage<T> {
  asOf: string;
  /** The number of records on the page, including those that could not be read. */
  read: number;
  total: number;
  checkpoint: ListingCheckpoint;
  /** Undefined if the page repeats rows, possibly of a page that is being written: then it has to be compared afterwards. */
  differences?: Promise<Difference<T>[]>;
}

async function* comparedPages<T>(
  context: RunContext,
  sweep: Sweep<T>,
  listing: TimedListing<T>,
): AsyncGenerator<SweptPage<T>> {
  let repeats = listing.from?.repeats ?? 0;
  /** Our ids of what was read on the latest pages, which may not have been written yet when the rows of this one were looked up. */
  const latest: ReadonlySet<string>[] = [];
  for await (const { step, asOf } of listing.steps()) {
    const { checkpoint, total, records } = step;
    const repeated = checkpoint.repeats > repeats;
    const sorted = sortPage(context, sweep, step, (key) => repeated || latest.some((ids) => ids.has(key)));
    const differences = repeated ? undefined : comparePage(context, sweep.mirror, sorted.rows);
    repeats = checkpoint.repeats;
    latest.unshift(new Set(sorted.rows.map(({ id }) => id)));
    latest.length = Math.min(latest.length, pagesUnderWay);
    yield { ...sorted, asOf, checkpoint, total, read: records.length, differences };
  }
}

/** The most pages from the one that is being committed to the one that is being fetched. */
const pagesUnderWay = 5;

const comparePage = <T>({ pool }: RunContext, mirror: Mirror<T>, rows: readonly MirrorRow<T>[]) =>
  quietly(changesOf(pool, mirror, mirrorStatements(mirror), rows));

/** Nothing is stored about a skipped record, except that a stored one has moved to an account whose records are skipped. */
function withoutSkipped<T>(
  { run: { tenantId, connectorId } }: RunContext,
  { mirror, skip }: Sweep<T>,
  { rows, skipped, asOf }: SweptPage<T>,
  found: readonly Difference<T>[],
): Comparison<T> {
  const origin = { tenantId, connectorId, asOf };
  if (!skipped.size) return { mirror, origin, rows, differences: found };
  const customer = mirror.columns.findIndex(({ name }) => name === mirror.customerColumn);
  const differences = found.filter(
    ({ row, stored }) =>
      !skipped.has(row.id) || (stored && !stored.gone && !skip!.has(stored.values[customer]!)),
  );
  const differing = new Set(differences.map(({ row }) => row.id));
  const kept = rows.filter(({ id }) => !skipped.has(id) || differing.has(id));
  return { mirror, origin, rows: kept, differences };
}

function stateAfter<T>(
  before: SweepState | undefined,
  { checkpoint, read, rows, known, setAsideIds, unidentified }: SweptPage<T>,
  differences: readonly Difference<T>[],
  limits: { ended: number; moved: number },
): SweepState {
  const ended = (before?.ended ?? 0) + countOf(differences, 'ended');
  const moved = (before?.moved ?? 0) + countMoved(differences);
  return {
    listing: checkpoint,
    done: (before?.done ?? 0) + read,
    seen: (before?.seen ?? 0) + rows.length + known.length + setAsideIds.length,
    unidentified: (before?.unidentified ?? 0) + unidentified,
    ended,
    moved,
    held: before?.held || ended > limits.ended || moved > limits.moved,
  };
}

const commitPage = <T>(
  context: RunContext,
  { rows, known, setAside, setAsideIds, read, total }: SweptPage<T>,
  comparison: Comparison<T>,
  state: SweepState,
) =>
  applyRecords(context, comparison, {
    state,
    done: state.done,
    total,
    seen: [...known, ...rows.map(({ id }) => id), ...setAsideIds],
    counts: {
      read,
      unchanged: known.length,
      setAside: setAside.length,
      skipped: rows.length - comparison.rows.length,
    },
    records: setAside,
    planOnly: state.held,
  });

interface SortedPage<T> {
  rows: MirrorRow<T>[];
  /** Our ids of records that are known to be unchanged. */
  known: string[];
  setAside: RunRecord[];
  setAsideIds: string[];
  /** Our ids of rows to skip; they are compared, because they may be stored under the account they came from. */
  skipped: Set<string>;
  unidentified: number;
}

/**
 * Divides a page into records that are known, rows to compare, rows to skip, and records that cannot be read. `isUncertain` tells
 * whether a known record has to be compared nevertheless.
 */
function sortPage<T>(
  { run }: RunContext,
  { mirror, skip }: Sweep<T>,
  step: ListingStep<T, ListedRecord<T>>,
  isUncertain: (key: string) => boolean,
): SortedPage<T> {
  const page: SortedPage<T> = {
    rows: [],
    known: [],
    setAside: [],
    setAsideIds: [],
    skipped: new Set(),
    unidentified: 0,
  };
  const setAside = (cmpId: string | undefined, reason: string) =>
    page.setAside.push({ kind: mirror.kind, cmpId, result: 'set-aside', reason });
  const ids = new Set<string>();
  const isNew = (id: string, cmpId: string) => {
    // PostgreSQL writes a row only once per statement: a second one would make the page fail.
    if (ids.has(id)) setAside(cmpId, 'listed twice on one page; the first one is used');
    return ids.size < ids.add(id).size;
  };
  for (const listed of step.records) {
    if (listed.ok === 'known' && !isUncertain(listed.key)) {
      if (isNew(listed.key, listed.id)) page.known.push(listed.key);
      continue;
    }
    const record = listed.ok === 'known' ? listed.read() : listed;
    if (!record.ok) {
      setAside(record.id, `${record.field}: ${record.reason}`);
      if (record.id) page.setAsideIds.push(mirrorId(run, mirror.kind, record.id));
      else page.unidentified += 1;
    } else {
      const row = mirrorRow(mirror, run, record.value, record.digest);
      if (!isNew(row.id, row.cmpId)) continue;
      page.rows.push(row);
      if (skip?.has(mirror.cmpAccountIdOf?.(record.value) ?? '')) page.skipped.add(row.id);
    }
  }
  return page;
}

type PageReader<T> = (offset: number, limit: number) => Promise<ListPage<T, ListedRecord<T>>>;

/** A listing of CMP that records when each page was requested, because pages are fetched in advance. */
class TimedListing<T> {
  /** Set once the listing has been read to its end. */
  proof: ListingProof | undefined;

  constructor(
    private readonly page: PageReader<T>,
    readonly from?: ListingCheckpoint,
  ) {}

  /** `asOf`: the page is at least as recent as this. */
  async *steps(): AsyncGenerator<{ step: ListingStep<T, ListedRecord<T>>; asOf: string }> {
    const requested: string[] = [];
    const page: PageReader<T> = (offset, limit) => {
      requested.push(new Date().toISOString());
      return this.page(offset, limit);
    };
    const steps = readListing(page, { from: this.from, ahead: 2 });
    let next = await steps.next();
    for (; !next.done; next = await steps.next()) {
      // A page that was read twice leaves an older time for its successors, which errs on the safe side.
      yield { step: next.value, asOf: requested.shift()! };
    }
    this.proof = next.value;
  }
}

/** The items of `source`; `count` of them are being fetched while the consumer works on the one before. */
async function* ahead<T>(source: AsyncGenerator<T>, count: number): AsyncGenerator<T> {
  const coming: Promise<IteratorResult<T>>[] = [];
  const pull = () => coming.push(quietly(source.next()));
  for (let n = 0; n < count; n++) pull();
  try {
    for (;;) {
      const { done, value } = await coming.shift()!;
      if (done) return;
      pull();
      yield value;
    }
  } finally {
    // Not awaited: a consumer that has failed need not wait for what is still being fetched.
    void quietly(source.return(undefined));
  }
}

/** For a promise that may be rejected while something else is awaited: its eventual caller handles the rejection. */
function quietly<P extends Promise<unknown>>(promise: P): P {
  promise.catch(() => undefined);
  return promise;
}
