import { randomUUID } from 'node:crypto';
import { ScheduledChangeChangedV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { emitMany, event, type NewEvent, type Statements } from '@isthmus/messaging';
import { Conditions, type CursorKey, inTransaction, isoTime, type TenantRows } from '@isthmus/service-kit';
import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { type OrderReason, type OrderRecord, type OrderRow, reason } from '../orders/order.ts';
import {
  actionAfter,
  type LostChange,
  requireAction,
  type ScheduledAction,
  ScheduledChangeNotFound,
  type ScheduledChangeRow,
  type ScheduledKind,
  type ScheduledStatus,
} from './scheduled-change.ts';

const scheduledChangeColumns = `c.id, c.position, c.tenant_id as "tenantId", c.connector_id as "connectorId",
  c.subscription_id as "subscriptionId", c.kind, c.seats, c.auto_renew as "autoRenew", c.mpn,
  c.term, c.billing_period as "billingPeriod",
  round(extract(epoch from c.due_at) * 1000)::float8 as "dueAt",
  c.drop_scheduled as "dropScheduledChanges", c.status, c.reason, c.order_id as "orderId",
  c.instead_of_order as "insteadOfOrderId", c.version, c.asked_by as "askedBy", c.correlation_id as "correlationId",
  c.created_at as "createdAt", c.updated_at as "updatedAt"`;

/** A new scheduled change. */
interface NewScheduledChange {
  tenantId: string;
  connectorId: string;
  subscriptionId: string;
  kind: ScheduledKind;
  seats: number | null;
  autoRenew: boolean | null;
  mpn: string | null;
  /** The intended ones, in ISO 8601. */
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

/** Stores and publishes a new one; null if the order it replaces has already been proposed again. */
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
 * Applies an action to a scheduled change whose row is locked; stores and publishes the result.
 * @throws IllegalScheduleAction if its life cycle has no such step
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

interface ScheduledChangeFilter {
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
 * those that CMP holds for the renewal, those on their way there, and those scheduled for it. Empty if nothing would be
 * lost. For quotes as a warning, for orders to refuse (`refuseLoss`); a renewal setting drops nothing. Changes scheduled in
 * CMP's own panel are not known here, and one that is being withdrawn is no loss.
 */
export async function scheduledChangesLost(rows: TenantRows, subscriptionId: string): Promise<LostChange[]> {
  return rows.select<LostChange & Record<string, unknown>>(lost, [subscriptionId], 'scheduled-changes-lost');
}

/** Written exactly like the index `orders_for_renewal`, which a parameter would not match. */
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

/** The scheduled change of an order goes the way of the order. */
export async function followOrder(
  client: Statements,
  { tenantId, scheduledChangeId, record }: OrderRow,
  next: OrderRecord,
): Promise<void> {
  if (!scheduledChangeId) return;
  const change = await lockScheduledChange(client, tenantId, scheduledChangeId);
  const action = actionAfter(change.status, record, next);
  if (action) await moveScheduledChange(client, change, action, { reason: next.reason });
}

/** That of an order held by CMP, which another order has made Microsoft drop. */
export async function wipe(
  client: Statements,
  { tenantId, scheduledChangeId }: OrderRow,
  orderId: string,
): Promise<void> {
  if (!scheduledChangeId) return;
  const change = await lockScheduledChange(client, tenantId, scheduledChangeId);
  if (change.status !== 'ordered') return;
  const why = `Order ${orderId} changed the subscription at once, and Microsoft then drops scheduled changes.`;
  await moveScheduledChange(client, change, 'wipe', {
    reason: reason('wiped-out', why, 'Confirm the change proposed in its place, if there is one.'),
  });
}

/** Once per order, however it was found out. Nothing for a subscription that is over. */
export async function proposeAgain(client: Statements, row: OrderRow, because: string): Promise<void> {
  const { ask } = row.record;
  if (ask.kind !== 'change-quantity' || !row.subscriptionId) return;
  const { rows } = await client.query(
    "select from subscriptions where tenant_id = $1 and id = $2 and ended_at is null and status not in ('terminated', 'removed')",
    [row.tenantId, row.subscriptionId],
  );
  if (rows.length === 0) return;
  const detail = `The change to ${ask.seats} seats at the renewal is no longer scheduled: ${because}.`;
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
    reason: reason('wiped-out', detail, 'Confirm it if it is still needed, or cancel it.'),
    insteadOfOrderId: row.id,
    askedBy: row.askedBy,
    correlationId: row.correlationId,
  });
}

/** The event of a scheduled change as it stands. */
function scheduledChangeEvent(row: ScheduledChangeRow): NewEvent {
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

/** Whose scheduled changes, and orders. */
export interface CancelScope {
  tenantId: string;
  column: 'subscription_id' | 'connector_id';
  id: string;
}

/** Cancels all of a subscription or connector that have one of these statuses. */
export async function cancelScheduledChanges(
  client: Statements,
  { tenantId, column, id }: CancelScope,
  why: OrderReason,
  statuses: readonly string[],
): Promise<void> {
  const { rows } = await client.query<ScheduledChangeRow>(
    `update scheduled_changes c set status = 'cancelled', reason = $3, version = version + 1, updated_at = now(), next_try_at = null
     where c.tenant_id = $1 and c.${column} = $2 and c.status = any($4) returning ${scheduledChangeColumns}`,
    [tenantId, id, JSON.stringify(why), statuses],
  );
  await emitMany(client, rows.map(scheduledChangeEvent));
}

type ExecuteChange = (client: Statements, row: ScheduledChangeRow, now: number) => Promise<void>;

/** Scheduled changes whose time has come, by the database's clock. Any number of workers may take them at once. */
@Injectable()
export class DueChanges {
  constructor(private readonly pool: Pool) {}

  /**
   * Claims one and carries it out in the same transaction: a crash in between leaves it as it was. One that throws is
   * postponed, so that it does not block the others; the error is passed to the caller.
   * @returns false if none is due that is not locked by another
   */
  async takeOne(execute: ExecuteChange): Promise<boolean> {
    let taken: string | undefined;
    try {
      return await inTransaction(this.pool, async (client) => {
        const { rows } = await client.query<DueRow>(claim);
        if (!rows[0]) return false;
        const { nowMs, ...row } = rows[0];
        taken = row.id;
        await execute(client, row, Number(nowMs));
        return true;
      });
    } catch (error) {
      if (taken) await this.pool.query(putOff, [taken]);
      throw error;
    }
  }
}

type DueRow = ScheduledChangeRow & { nowMs: string };

const claim = `
  select ${scheduledChangeColumns}, floor(extract(epoch from now()) * 1000) as "nowMs" from scheduled_changes c
  where next_try_at <= now() order by next_try_at limit 1 for update skip locked`;

const putOff = `
  update scheduled_changes set next_try_at = now() + interval '1 minute' where id = $1 and next_try_at is not null`;
