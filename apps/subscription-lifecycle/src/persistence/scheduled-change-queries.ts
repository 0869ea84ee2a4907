import { Conditions, type CursorKey, type TenantRows } from '@isthmus/service-kit';
import { ScheduledChangeNotFound } from '../domain/schedule/scheduled-change.errors.ts';
import type { ScheduledStatus } from '../domain/schedule/schedule-lifecycle.ts';
import { scheduledChangeColumns, type ScheduledChangeRow } from './scheduled-change-row.ts';

export interface ScheduledChangeFilter {
  status?: ScheduledStatus;
  subscriptionId?: string;
}

/** The newest first. */
export function listScheduledChanges(
  rows: TenantRows,
  { status, subscriptionId }: ScheduledChangeFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<ScheduledChangeRow[]> {
  const where = new Conditions('c.tenant_id = $1')
    .when(status, (p) => `c.status = ${p}`)
    .when(subscriptionId, (p) => `c.subscription_id = ${p}::uuid`)
    .after(after, 'c.position', ['bigint'], '<');
  const end = where.param(limit + 1);
  return rows.select(
    `select ${scheduledChangeColumns} from scheduled_changes c where ${where} order by c.position desc limit ${end}`,
    where.values,
  );
}

/** @throws ScheduledChangeNotFound */
export async function readScheduledChange(rows: TenantRows, id: string): Promise<ScheduledChangeRow> {
  const text = `select ${scheduledChangeColumns} from scheduled_changes c where tenant_id = $1 and id = $2`;
  const [row] = await rows.select<ScheduledChangeRow>(text, [id]);
  if (!row) throw new ScheduledChangeNotFound(id);
  return row;
}
