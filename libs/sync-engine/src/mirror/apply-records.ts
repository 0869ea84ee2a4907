import type { NewEvent } from '@isthmus/messaging';
import type { PoolClient } from 'pg';
import { arrayParameter } from '../database.ts';
import type { Batch, BatchResult, RunContext } from '../runs/run-context.ts';
import { addCounts, type PlanRow, type RunCounts, type RunRecord } from '../runs/run.ts';
import {
  compareRecords,
  toDifference,
  plannedCounts,
  toPlannedRecord,
  toRecord,
  type Comparison,
  type Difference,
} from './compare-records.ts';
import { rememberDigests, unknownEquals } from './known-rows.ts';
import {
  mirrorStatements,
  type ChangeOrigin,
  type Mirror,
  type MirrorChange,
  type MirrorStatements,
} from './mirror.ts';

/** The data that a run commits together with the records. */
export interface RecordsBatch extends Pick<Batch, 'state' | 'done' | 'total' | 'seen'> {
  /**
   * Number of records read, set aside, skipped or failed, and of those known to be unchanged without a comparison. `applyRecords` counts
   * the compared ones and the changes.
   */
  counts?: Partial<RunCounts>;
  /** Results of records that are not compared, e.g. because they could not be read. */
  records?: readonly RunRecord[];
  /** Shows what would change and writes nothing, even if the run otherwise writes. */
  planOnly?: boolean;
  /** The mirror's name in the service's `PlanMirrors`, under which a plan stores what was read; by default its kind, null stores nothing. */
  planAs?: string | null;
  /** Whether the records of a plan contain the changes; true by default. */
  planShows?: boolean;
  /** Further effects in the same transaction, even if no record differs; returns further events. */
  afterWrite?: (client: PoolClient, written: WrittenChanges) => Promise<readonly NewEvent[]>;
}

/**
 * Commits one batch of a run: what differs is written together with its events and the run's counts, results and checkpoint, in
 * one transaction. A run that only plans stores what it read, and its records show what would change.
 */
export function applyRecords<T>(
  context: RunContext,
  { mirror, origin, rows, differences }: Comparison<T>,
  batch: RecordsBatch,
): Promise<BatchResult> {
  const { apply } = context.run;
  const { state, done, total, seen, counts, records = [], planAs = mirror.kind, afterWrite } = batch;
  const plans = !apply || batch.planOnly === true;
  const equal = plans ? [] : unknownEquals(mirror, rows, differences);
  const shown =
    plans && batch.planShows !== false ? differences.filter((one) => isShown(one, mirror, apply)) : [];
  return context.commit({
    state,
    done,
    total,
    seen,
    counts: {
      ...counts,
      unchanged: (counts?.unchanged ?? 0) + rows.length - differences.length,
      ...(plans ? plannedCounts(shown) : {}),
    },
    records: [...records, ...shown.map((difference) => toPlannedRecord(mirror, difference))],
    plan: apply || planAs === null ? undefined : toPlanRows(planAs, mirror, differences, origin.asOf),
    write:
      plans || !(differences.length || equal.length || afterWrite)
        ? undefined
        : async (client) => {
            if (equal.length) await rememberDigests(client, mirror, equal);
            const written = await writeChanges(client, mirror, mirrorStatements(mirror), differences, origin);
            const events = await afterWrite?.(client, written);
            return events?.length ? { ...written, events: [...(written.events ?? []), ...events] } : written;
          },
  });
}

/**
 * Whether a plan contains the difference. For a live record whose detail is read later in the same run, the later phase records
 * it.
 */
const isShown = <T>({ kind, changed, row }: Difference<T>, mirror: Mirror<T>, apply: boolean): boolean =>
  (kind !== 'changed' || changed.length > 0) && (apply || !mirror.detailFollows || !mirror.isLive(row.value));

/** Compares records with the mirror and writes what differs, in the caller's transaction. Publishing the events is left to the caller. */
export async function writeRecords<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  origin: ChangeOrigin,
  values: readonly T[],
): Promise<WrittenChanges> {
  const { differences } = await compareRecords(client, mirror, origin, values);
  return writeChanges(client, mirror, mirrorStatements(mirror), differences, origin);
}

/** The data that a plan stores about the differences it has found. */
const toPlanRows = <T>(
  name: string,
  mirror: Mirror<T>,
  differences: readonly Difference<T>[],
  asOf: string,
): PlanRow[] =>
  differences.map(({ row, stored }) => ({
    mirror: name,
    id: row.id,
    cmpId: row.cmpId,
    version: stored?.version ?? null,
    asOf,
    value: JSON.stringify(row.value),
    live: mirror.isLive(row.value),
  }));

export interface WrittenChanges extends BatchResult {
  /** Our ids of the records that PostgreSQL rejected, with its reason; the records list them as set aside. */
  refused: ReadonlyMap<string, string>;
}

interface Written {
  id: string;
  version: number;
  /** For mirrors with a first-event rule: see `MirrorStatements.upsert`. */
  announced_version?: number | null;
}

/**
 * Upserts what differs, in one statement, and returns the events and records of the rows that were actually written. Parsing lets
 * nothing through that cannot be stored; if a record slips through nevertheless, it is set aside, its stored row stays as it was, and
 * the others are written.
 */
async function writeChanges<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  sql: MirrorStatements,
  differences: readonly Difference<T>[],
  origin: ChangeOrigin,
): Promise<WrittenChanges> {
  if (!differences.length) return noChanges;
  await client.query('savepoint changes');
  try {
    return await writeTogether(client, mirror, sql, differences, origin);
  } catch (error) {
    if (!isDataRefusal(error)) throw error;
    await client.query('rollback to savepoint changes');
    if (differences.length === 1) return setAside(mirror, differences[0]!, error.message);
  }
  const half = Math.ceil(differences.length / 2);
  const first = await writeChanges(client, mirror, sql, differences.slice(0, half), origin);
  const second = await writeChanges(client, mirror, sql, differences.slice(half), origin);
  return merged(first, second);
}

/** Classes of SQLSTATE that concern the given data: cardinality, data exception, constraint, program limit. */
const aboutTheData = /^(21|22|23|54)...$/;

/**
 * Whether PostgreSQL rejected the data, as opposed to being unavailable. Checks the shape of the error, because it may come from
 * another realm.
 */
export const isDataRefusal = (error: unknown): error is Error & { code: string } =>
  typeof error === 'object' &&
  error !== null &&
  'severity' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  aboutTheData.test(error.code);

const noChanges: WrittenChanges = { events: [], records: [], counts: {}, refused: new Map() };

function setAside<T>(mirror: Mirror<T>, difference: Difference<T>, message: string): WrittenChanges {
  const { row } = difference;
  const reason = `it cannot be stored: ${message}`;
  return {
    counts: { setAside: 1 },
    records: [{ kind: mirror.kind, cmpId: row.cmpId, result: 'set-aside', reason }],
    refused: new Map([[row.id, reason]]),
  };
}

const merged = (one: WrittenChanges, other: WrittenChanges): WrittenChanges => ({
  events: [...(one.events ?? []), ...(other.events ?? [])],
  records: [...(one.records ?? []), ...(other.records ?? [])],
  counts: addCounts(one.counts ?? {}, other.counts ?? {}),
  refused: new Map([...one.refused, ...other.refused]),
});

async function writeTogether<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  sql: MirrorStatements,
  differences: readonly Difference<T>[],
  origin: ChangeOrigin,
): Promise<WrittenChanges> {
  const rows = differences.map(({ row }) => row);
  const written = await client.query<Written>({
    ...sql.upsert,
    values: [
      origin.tenantId,
      origin.connectorId,
      origin.asOf,
      arrayParameter(rows.map((row) => row.id)),
      arrayParameter(rows.map((row) => row.hash)),
      ...mirror.columns.map((_, index) => arrayParameter(rows.map((row) => row.values[index]!))),
      ...(mirror.mapping === undefined ? [] : [arrayParameter(rows.map((row) => row.digest ?? null))]),
    ],
  });

  const byId = new Map(differences.map((difference) => [difference.row.id, difference]));
  const counts = { appeared: 0, changed: 0, ended: 0 };
  const changes: MirrorChange<T>[] = [];
  const records: RunRecord[] = [];
  for (const { announced_version: announced, ...row } of written.rows) {
    const compared = byId.get(row.id)!;
    const isNew = !compared.stored || compared.stored.gone;
    if (announced === null) {
      // Seen, but not announced yet: that is left to the run that reads the rest of it.
      if (isNew) counts.appeared += 1;
      continue;
    }
    // The result of the write applies: another run may have published the record since it was compared.
    const known = announced === undefined || announced < row.version;
    const difference =
      !compared.stored || compared.stored.announced === known
        ? compared
        : toDifference(mirror, compared.row, compared.stored, known);
    const { kind, changed } = difference;
    if (kind === 'changed' && !changed.length) continue;
    if (kind !== 'appeared' || isNew) counts[kind] += 1;
    records.push(toRecord(mirror, difference));
    changes.push(toChange(difference, row));
  }
  const events = changes.map((change) => mirror.event(change, origin));
  if (mirror.afterWrite) events.push(...(await mirror.afterWrite(client, changes, origin)));
  return { events, records, counts, refused: noChanges.refused };
}

const toChange = <T>(
  { row, kind, changed, changes }: Difference<T>,
  { id, version, ...stored }: Written,
): MirrorChange<T> => ({
  kind,
  id,
  version,
  value: row.value,
  changed,
  changes: kind === 'appeared' ? [] : changes,
  stored: stored as Record<string, unknown>,
});
