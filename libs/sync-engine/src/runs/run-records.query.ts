import { Conditions, type TenantRows } from '@isthmus/service-kit';
import type { RunRecord } from './run-report.ts';

export interface RunRecordRow {
  seq: number;
  /** Place within its batch, from 1. */
  place: number;
  record: RunRecord;
}

/** The records of a run in the order they were worked on; one row more than `limit` when there are more. */
export function listRunRecords(
  rows: TenantRows,
  runId: string,
  filter: { result?: string },
  after: readonly unknown[] | undefined,
  limit: number,
): Promise<RunRecordRow[]> {
  const where = new Conditions('r.tenant_id = $1')
    .when(runId, (id) => `r.id = ${id}`)
    .when(filter.result, (result) => `e.record->>'result' = ${result}`)
    .after(after, 'b.seq, e.place', ['int', 'bigint']);
  // Spares the batches before the place from being taken apart.
  if (after) where.and(`b.seq >= ${where.param(after[0])}`);
  const more = where.param(limit + 1);
  return rows.select(
    `select b.seq, e.place::int as place, e.record
     from sync_runs r join sync_run_batches b on b.run_id = r.id
       cross join lateral json_array_elements(b.records) with ordinality as e(record, place)
     where ${where} order by b.seq, e.place limit ${more}`,
    where.values,
  );
}
