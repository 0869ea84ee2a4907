import { randomUUID } from 'node:crypto';
import { emitMany, type Statements } from '@isthmus/messaging';
import type { OrderReason } from '../domain/order/order-reason.ts';
import { ScheduledChangeNotFound } from '../domain/schedule/scheduled-change.errors.ts';
import { requireAction, type ScheduledKind } from '../domain/schedule/scheduled-change.ts';
import type { ScheduledAction, ScheduledStatus } from '../domain/schedule/schedule-lifecycle.ts';
import { scheduledChangeEvent } from './scheduled-change-event.ts';
import { scheduledChangeColumns, type ScheduledChangeRow } from './scheduled-change-row.ts';

/** What a new scheduled change says, beside its place in the books. */
export interface NewScheduledChange {
  tenantId: string;
  connectorId: string;
  subscriptionId: string;
  kind: ScheduledKind;
  seats: number | null;
  autoRenew: boolean | null;
  mpn: string | null;
  /** Those meant, as ISO 8601 writes them. */
  term?: string | null;
  billingPeriod?: string | null;
  /** Milliseconds, UTC; null: for the renewal. */
  dueAt: number | null;
  dropScheduledChanges: boolean;
  status: Extract<ScheduledStatus, 'planned' | 'proposed'>;
  reason: OrderReason | null;
  insteadOfOrderId: string | null;
  askedBy: string;
  correlationId: string;
}

/** Stores and tells a new one. Nothing when the order it stands for has been proposed again already. */
export async function addScheduledChange(
  client: Statements,
  change: NewScheduledChange,
): Promise<ScheduledChangeRow | null> {
  const { rows } = await client.query<ScheduledChangeRow>(insert, [
    randomUUID(),
    change.tenantId,
    change.connectorId,
    change.subscriptionId,
    change.kind,
    change.seats,
    change.autoRenew,
    change.mpn,
    instant(change.dueAt),
    change.dropScheduledChanges,
    change.status,
    change.reason && JSON.stringify(change.reason),
    change.insteadOfOrderId,
    change.askedBy,
    change.correlationId,
    change.term ?? null,
    change.billingPeriod ?? null,
  ]);
  const row = rows[0] ?? null;
  if (row) await emitMany(client, [scheduledChangeEvent(row)]);
  return row;
}

/** The row, locked until the transaction ends. @throws ScheduledChangeNotFound */
export async function lockScheduledChange(
  client: Statements,
  tenantId: string,
  id: string,
): Promise<ScheduledChangeRow> {
  const text = `select ${scheduledChangeColumns} from scheduled_changes c where tenant_id = $1 and id = $2 for update`;
  const { rows } = await client.query<ScheduledChangeRow>(text, [tenantId, id]);
  if (!rows[0]) throw new ScheduledChangeNotFound(id);
  return rows[0];
}

/**
 * Stores and tells what an action makes of one whose row is locked.
 * @throws IllegalScheduleAction when its life has no such step
 */
export async function moveScheduledChange(
  client: Statements,
  row: ScheduledChangeRow,
  action: ScheduledAction,
  more: Partial<Pick<ScheduledChangeRow, 'reason' | 'orderId' | 'seats' | 'dueAt'>> = {},
): Promise<ScheduledChangeRow> {
  const next = { ...row, reason: null, ...more, status: requireAction(row, action) };
  const { rows } = await client.query<ScheduledChangeRow>(update, [
    row.id,
    next.status,
    next.reason && JSON.stringify(next.reason),
    next.orderId,
    next.seats,
    instant(next.dueAt),
  ]);
  await emitMany(client, [scheduledChangeEvent(rows[0]!)]);
  return rows[0]!;
}

const instant = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const insert = `
  insert into scheduled_changes as c (id, tenant_id, connector_id, subscription_id, kind, seats, auto_renew, mpn, due_at,
    drop_scheduled, status, reason, instead_of_order, asked_by, correlation_id, term, billing_period, next_try_at)
  values ($1, $2, $3, $4, $5, $6, $7, $8, $9::timestamptz, $10, $11, $12, $13, $14, $15, $16, $17,
    case when $11 = 'planned' then coalesce($9::timestamptz, now()) end)
  on conflict (instead_of_order) do nothing returning ${scheduledChangeColumns}`;

const update = `
  update scheduled_changes c set status = $2, reason = $3, order_id = $4, seats = $5, due_at = $6::timestamptz,
    version = version + 1, updated_at = now(),
    next_try_at = case when $2 = 'planned' then coalesce($6::timestamptz, now()) end
  where id = $1 returning ${scheduledChangeColumns}`;
