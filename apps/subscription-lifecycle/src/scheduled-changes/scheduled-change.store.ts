import { randomUUID } from 'node:crypto';
import { ScheduledChangeChangedV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { emitMany, event, type NewEvent, type Statements } from '@isthmus/messaging';
import { Conditions, type CursorKey, isoTime, type TenantRows } from '@isthmus/service-kit';
import { orderColumns, type OrderReason, type OrderRecord, type OrderRow, reason } from '../orders/order.ts';
import {
  actionAfter,
  dropsScheduled,
  type LostChange,
  requireAction,
  type ScheduledAction,
  scheduledChangeColumns,
  ScheduledChangeNotFound,
  type ScheduledChangeRow,
  type ScheduledKind,
  type ScheduledStatus,
  wipedAtCmp,
} from './scheduled-change.ts';

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

/**
 * The changes of a subscription that an immediate change of it (`change-quantity` now, `cancel`) would drop at Microsoft:
 * those that CMP keeps for the renewal, those on their way there, and those planned for it. Empty when nothing would be
 * lost. For quotes as a warning, for orders to refuse (`refuseLoss`); a renewal setting drops nothing. What somebody
 * scheduled in CMP's own panel is not known here, and what is being withdrawn is no loss.
 */
export async function scheduledChangesLost(rows: TenantRows, subscriptionId: string): Promise<LostChange[]> {
  return rows.select<LostChange & Record<string, unknown>>(lost, [subscriptionId], 'scheduled-changes-lost');
}

/** In the words of the index `orders_for_renewal`, which a parameter would not match. */
const lost = `
  select o.scheduled_change_id as "scheduledChangeId", o.id as "orderId", o.record -> 'ask' -> 'product' ->> 'mpn' as mpn,
    (o.record -> 'ask' ->> 'seats')::int as seats
  from orders o
  where o.tenant_id = $1 and o.subscription_id = $2 and o.kind = 'change-quantity'
    and o.status not in ('settled', 'refused', 'withdrawn') and o.record -> 'ask' ->> 'when' = 'renewal'
    and o.record ->> 'withdrawAsked' = 'false'
  union all
  select c.id, null, c.mpn, c.seats from scheduled_changes c
  where c.tenant_id = $1 and c.subscription_id = $2 and c.kind = 'change-quantity' and c.status = 'planned'
    and c.due_at is null`;

/**
 * What a step of an order means for scheduled changes, in the step's transaction: its own goes the same way; where CMP
 * gave up what it had kept for the renewal, or an immediate change made it do so, that is proposed again.
 * @returns orders kept by CMP that the step has dropped, their rows locked: CMP is to be asked to drop them too, so that
 * none takes effect beside its proposal
 */
export async function scheduleAfterOrder(
  client: Statements,
  row: OrderRow,
  next: OrderRecord,
): Promise<OrderRow[]> {
  if (row.record.status === next.status) return [];
  if (row.scheduledChangeId) await goAlong(client, row, next);
  if (wipedAtCmp(next)) await proposeAgain(client, row, 'it was cancelled at CMP');
  if (!dropsScheduled(next)) return [];
  const dropped = await keptByCmp(client, row);
  for (const kept of dropped) {
    if (kept.scheduledChangeId) await wipe(client, kept, row.id);
    if (next.ask.kind !== 'cancel')
      await proposeAgain(client, kept, `order ${row.id} changed the subscription at once`);
  }
  return dropped;
}

async function goAlong(
  client: Statements,
  { tenantId, scheduledChangeId, record }: OrderRow,
  next: OrderRecord,
) {
  const change = await lockScheduledChange(client, tenantId, scheduledChangeId!);
  const action = actionAfter(change.status, record, next);
  if (action) await moveScheduledChange(client, change, action, { reason: next.reason });
}

/**
 * Orders of a queue run one after the other: what is scheduled by now was so before this one was sent. What somebody is
 * taking back already is not dropped by it.
 */
async function keptByCmp(
  client: Statements,
  { connectorId, queue, tenantId }: OrderRow,
): Promise<OrderRow[]> {
  const { rows } = await client.query<OrderRow>(
    `select ${orderColumns} from orders o where tenant_id = $1 and connector_id = $2 and queue = $3 and status = 'scheduled'
       and record ->> 'withdrawAsked' = 'false' order by position for update`,
    [tenantId, connectorId, queue],
  );
  return rows;
}

async function wipe(
  client: Statements,
  { tenantId, scheduledChangeId }: OrderRow,
  orderId: string,
): Promise<void> {
  const change = await lockScheduledChange(client, tenantId, scheduledChangeId!);
  if (change.status !== 'ordered') return;
  const why = `Order ${orderId} changed the subscription at once, and Microsoft drops what was scheduled then.`;
  await moveScheduledChange(client, change, 'wipe', {
    reason: reason('wiped-out', why, 'Confirm the change proposed in its place, if there is one.'),
  });
}

/** Once per order, however it was found out. Nothing for a subscription that is over. */
async function proposeAgain(client: Statements, row: OrderRow, because: string): Promise<void> {
  const { ask } = row.record;
  if (ask.kind !== 'change-quantity' || !row.subscriptionId) return;
  const { rows } = await client.query(
    "select from subscriptions where tenant_id = $1 and id = $2 and ended_at is null and status not in ('terminated', 'removed')",
    [row.tenantId, row.subscriptionId],
  );
  if (rows.length === 0) return;
  const detail = `The change to ${ask.seats} seats at the renewal is not scheduled any more: ${because}.`;
  await addScheduledChange(client, {
    tenantId: row.tenantId,
    connectorId: row.connectorId,
    subscriptionId: row.subscriptionId,
    kind: 'change-quantity',
    seats: ask.seats,
    autoRenew: null,
    mpn: ask.product.mpn,
    term: ask.product.term ? Period.print(ask.product.term) : null,
    billingPeriod: ask.product.billingPeriod ? Period.print(ask.product.billingPeriod) : null,
    dueAt: null,
    dropScheduledChanges: false,
    status: 'proposed',
    reason: reason('wiped-out', detail, 'Confirm it if it is still wanted, or cancel it.'),
    insteadOfOrderId: row.id,
    askedBy: row.askedBy,
    correlationId: row.correlationId,
  });
}

/** What is said of a scheduled change as it stands. */
export function scheduledChangeEvent(row: ScheduledChangeRow): NewEvent {
  const { tenantId, id, version, correlationId, reason } = row;
  const data: ScheduledChangeChangedV1 = {
    connectorId: row.connectorId,
    scheduledChangeId: id,
    subscriptionId: row.subscriptionId,
    kind: row.kind,
    seats: row.seats ?? undefined,
    autoRenew: row.autoRenew ?? undefined,
    mpn: row.mpn ?? undefined,
    at: row.dueAt === null ? undefined : isoTime(new Date(row.dueAt)),
    status: row.status,
    orderId: row.orderId ?? undefined,
    insteadOfOrderId: row.insteadOfOrderId ?? undefined,
    reason: reason
      ? { ...reason, detail: reason.detail.slice(0, 4000), nextStep: reason.nextStep.slice(0, 2000) }
      : undefined,
    askedBy: row.askedBy,
  };
  return event(ScheduledChangeChangedV1, data, { tenantId, aggregateId: id, version, correlationId });
}
