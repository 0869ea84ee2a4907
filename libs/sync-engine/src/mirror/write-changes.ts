import type { PoolClient } from 'pg';
import { arrayParameter } from './array-parameter.ts';
import { recordOf, type Difference } from './compare-page.ts';
import type { ChangeOrigin, Mirror, MirrorChange } from './mirror.ts';
import type { MirrorSql } from './mirror-sql.ts';
import type { BatchResult } from '../runs/run-context.ts';
import type { RunRecord } from '../runs/run-report.ts';

/** Upserts what differs, in one statement, and answers the events and records of the rows that were really written. */
export async function writeChanges<T>(
  client: PoolClient,
  mirror: Mirror<T>,
  sql: MirrorSql,
  differences: readonly Difference<T>[],
  origin: ChangeOrigin,
): Promise<BatchResult> {
  const rows = differences.map(({ row }) => row);
  const written = await client.query<{ id: string; version: number }>({
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
  for (const { id, version, ...stored } of written.rows) {
    const difference = byId.get(id)!;
    const { row, kind, changed } = difference;
    if (kind === 'changed' && !changed.length) continue;
    counts[kind] += 1;
    records.push(recordOf(mirror, difference));
    changes.push({ kind, id, version, value: row.value, changed, stored });
  }
  const events = changes.map((change) => mirror.event(change, origin));
  if (mirror.alongside) events.push(...(await mirror.alongside(client, changes, origin)));
  return { events, records, counts };
}
