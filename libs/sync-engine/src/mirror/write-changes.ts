import type { PoolClient } from 'pg';
import { arrayParameter } from './array-parameter.ts';
import { differenceOf, recordOf, type Difference } from './compare-page.ts';
import type { ChangeOrigin, Mirror, MirrorChange } from './mirror.ts';
import type { MirrorSql } from './mirror-sql.ts';
import type { BatchResult } from '../runs/run-context.ts';
import type { RunRecord } from '../runs/run-report.ts';

interface Written {
  id: string;
  version: number;
  /** Of mirrors that announce: see `MirrorSql.upsert`. */
  announced_version?: number | null;
}

/** Upserts what differs, in one statement, and answers the events and records of the rows that were really written. */
export async function writeChanges<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  sql: MirrorSql,
  differences: readonly Difference<T>[],
  origin: ChangeOrigin,
): Promise<BatchResult> {
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
  return { events, records, counts };
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
