import type { PoolClient } from 'pg';
import { arrayParameter } from './array-parameter.ts';
import { differenceOf, recordOf, type Difference } from './compare-page.ts';
import type { ChangeOrigin, Mirror, MirrorChange } from './mirror.ts';
import type { MirrorSql } from './mirror-sql.ts';
import type { BatchResult } from '../runs/run-context.ts';
import { addCounts, type RunRecord } from '../runs/run-report.ts';

export interface WrittenChanges extends BatchResult {
  /** Our ids of the records that PostgreSQL did not take, with its reason; they are among the records as set aside. */
  refused: ReadonlyMap<string, string>;
}

interface Written {
  id: string;
  version: number;
  /** Of mirrors that announce: see `MirrorSql.upsert`. */
  announced_version?: number | null;
}

/**
 * Upserts what differs, in one statement, and answers the events and records of the rows that were really written. Readers let nothing
 * through that cannot be stored; should one record slip through all the same, it is set aside and keeps what was stored before, and
 * the others are written.
 */
export async function writeChanges<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  sql: MirrorSql,
  differences: readonly Difference<T>[],
  origin: ChangeOrigin,
): Promise<WrittenChanges> {
  if (!differences.length) return nothing;
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
  return both(first, second);
}

/** Classes of SQLSTATE that are about the data given: cardinality, data exception, constraint, program limit. */
const aboutTheData = /^(21|22|23|54)...$/;

/** Whether PostgreSQL refused what it was given, rather than being unable to work. By shape: an error may come from another realm. */
export const isDataRefusal = (error: unknown): error is Error & { code: string } =>
  typeof error === 'object' &&
  error !== null &&
  'severity' in error &&
  'code' in error &&
  typeof error.code === 'string' &&
  aboutTheData.test(error.code);

const nothing: WrittenChanges = { events: [], records: [], counts: {}, refused: new Map() };

function setAside<T>(mirror: Mirror<T>, difference: Difference<T>, words: string): WrittenChanges {
  const { row } = difference;
  const reason = `it cannot be stored: ${words}`;
  return {
    counts: { setAside: 1 },
    records: [{ kind: mirror.kind, cmpId: row.cmpId, result: 'set-aside', reason }],
    refused: new Map([[row.id, reason]]),
  };
}

const both = (one: WrittenChanges, other: WrittenChanges): WrittenChanges => ({
  events: [...(one.events ?? []), ...(other.events ?? [])],
  records: [...(one.records ?? []), ...(other.records ?? [])],
  counts: addCounts(one.counts ?? {}, other.counts ?? {}),
  refused: new Map([...one.refused, ...other.refused]),
});

async function writeTogether<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  sql: MirrorSql,
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
      // Seen, but not announced yet: that is for the run that reads the rest of it.
      if (isNew) counts.appeared += 1;
      continue;
    }
    // What the write itself found counts: another run may have announced the record since it was compared.
    const known = announced === undefined || announced < row.version;
    const difference =
      !compared.stored || compared.stored.announced === known
        ? compared
        : differenceOf(mirror, compared.row, compared.stored, known);
    const { kind, changed } = difference;
    if (kind === 'changed' && !changed.length) continue;
    if (kind !== 'appeared' || isNew) counts[kind] += 1;
    records.push(recordOf(mirror, difference));
    changes.push(changeOf(difference, row));
  }
  const events = changes.map((change) => mirror.event(change, origin));
  if (mirror.alongside) events.push(...(await mirror.alongside(client, changes, origin)));
  return { events, records, counts, refused: nothing.refused };
}

const changeOf = <T>(
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
