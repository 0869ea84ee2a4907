import { randomUUID } from 'node:crypto';
import { ScheduledChangeUpdatedV1 } from '@isthmus/contracts';
import { Period } from '@isthmus/domain';
import { emitMany, event, type NewEvent } from '@isthmus/messaging';
import {
  acrossTenants,
  audit,
  clientIn,
  type CursorKey,
  inTenant,
  isoTime,
  type TenantRows,
  transaction,
} from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { sql } from 'kysely';
import type { OrderRow } from '../orders/order.entity.ts';
import { type OrderReason, type OrderRecord, reason } from '../orders/order.ts';
import { fromNow, given, statements } from '../tables.ts';
import type { ScheduledChangeRow } from './scheduled-change.entity.ts';
import {
  actionAfter,
  type LostChange,
  requireAction,
  type ScheduledAction,
  ScheduledChangeNotFound,
  type ScheduledStatus,
} from './scheduled-change.ts';

/** The fields that a new scheduled change specifies; the others follow from them. */
type NewScheduledChange = Pick<
  ScheduledChangeRow,
  | 'tenantId'
  | 'connectorId'
  | 'subscriptionId'
  | 'kind'
  | 'seats'
  | 'autoRenew'
  | 'mpn'
  | 'term'
  | 'billingPeriod'
  | 'dueAt'
  | 'dropScheduledChanges'
  | 'reason'
  | 'insteadOfOrderId'
  | 'requestedBy'
  | 'correlationId'
> & { status: Extract<ScheduledStatus, 'planned' | 'proposed'> };

/** A planned change is due at its time, by the database's clock; a change for the renewal is due immediately. */
const nextTry = (status: ScheduledStatus, dueAt: Date | null) =>
  status === 'planned' ? (dueAt ?? sql<Date>`now()`) : null;

/** Stores and publishes a new one; null if the order it replaces has already been proposed again. */
export async function addScheduledChange(
  em: EntityManager,
  change: NewScheduledChange,
): Promise<ScheduledChangeRow | null> {
  const row = await statements(em)
    .insertInto('ScheduledChange')
    .values({ id: randomUUID(), ...change, nextTryAt: nextTry(change.status, change.dueAt) })
    .onConflict((conflict) => conflict.column('insteadOfOrderId').doNothing())
    .returningAll()
    .executeTakeFirst();
  if (row) await emitMany(clientIn(em), [scheduledChangeEvent(row)]);
  return row ?? null;
}

const scheduledChanges = (em: EntityManager, tenantId: string) =>
  statements(em).selectFrom('ScheduledChange').selectAll().where('tenantId', '=', tenantId);

/** The row, locked until the transaction ends. @throws ScheduledChangeNotFound */
export async function lockScheduledChange(
  em: EntityManager,
  tenantId: string,
  id: string,
): Promise<ScheduledChangeRow> {
  const row = await scheduledChanges(em, tenantId).where('id', '=', id).forUpdate().executeTakeFirst();
  if (!row) throw new ScheduledChangeNotFound(id);
  return row;
}

/**
 * Applies an action to a scheduled change whose row is locked; stores and publishes the result.
 * @throws IllegalScheduleAction if its life cycle has no such step
 */
export async function moveScheduledChange(
  em: EntityManager,
  row: ScheduledChangeRow,
  action: ScheduledAction,
  more: Partial<Pick<ScheduledChangeRow, 'reason' | 'orderId' | 'seats' | 'dueAt' | 'requestedBy'>> = {},
): Promise<ScheduledChangeRow> {
  const status = requireAction(row, action);
  const { reason, orderId, seats, dueAt, requestedBy } = { ...row, reason: null, ...more };
  const next = await statements(em)
    .updateTable('ScheduledChange')
    .set({
      status,
      reason,
      orderId,
      seats,
      dueAt,
      requestedBy,
      nextTryAt: nextTry(status, dueAt),
      ...newVersion,
    })
    .where('id', '=', row.id)
    .returningAll()
    .executeTakeFirstOrThrow();
  await emitMany(clientIn(em), [scheduledChangeEvent(next)]);
  return next;
}

/** Writes what a person did with a scheduled change into the audit log. */
export const auditScheduledChange = (
  em: EntityManager,
  command: 'plan' | 'update' | 'confirm' | 'cancel',
  before: ScheduledChangeRow | null,
  after: ScheduledChangeRow,
): Promise<void> =>
  audit(em, {
    tenantId: after.tenantId,
    action: `scheduled-change.${command}`,
    thing: ['scheduled-change', after.id],
    before: before && auditedFields(before),
    after: auditedFields(after),
  });

const auditedFields = (row: ScheduledChangeRow): object => {
  const { subscriptionId, kind, status, seats, autoRenew, mpn, dueAt, dropScheduledChanges } = row;
  const { requestedBy } = row;
  const at = dueAt ?? 'renewal';
  return { subscriptionId, kind, status, seats, autoRenew, mpn, at, dropScheduledChanges, requestedBy };
};

const newVersion = { version: sql<number>`version + 1`, updatedAt: sql<Date>`now()` };

interface ScheduledChangeFilter {
  status?: ScheduledStatus;
  subscriptionId?: string;
}

/** Newest first; one more than `limit` if there are more. */
export function listScheduledChanges(
  em: EntityManager,
  tenantId: string,
  { status, subscriptionId }: ScheduledChangeFilter,
  after: CursorKey | undefined,
  limit: number,
): Promise<ScheduledChangeRow[]> {
  return scheduledChanges(em, tenantId)
    .where((eb) => eb.and(given({ status, subscriptionId })))
    .$if(after !== undefined, (query) => query.where('position', '<', String(after![0])))
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute();
}

/** @throws ScheduledChangeNotFound */
export async function readScheduledChange(
  em: EntityManager,
  tenantId: string,
  id: string,
): Promise<ScheduledChangeRow> {
  const row = await scheduledChanges(em, tenantId).where('id', '=', id).executeTakeFirst();
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

/**
 * Written as SQL and named, so that it is planned once per connection; and with the literal condition of the index
 * `orders_for_renewal`, which a parameter would not match.
 */
const lost = `
  select o.scheduled_change_id as "scheduledChangeId", o.id as "orderId", o.record -> 'spec' -> 'product' ->> 'mpn' as mpn,
    (o.record -> 'spec' ->> 'seats')::int as seats
  from orders o
  where o.tenant_id = $1 and o.subscription_id = $2 and o.kind = 'change-quantity'
    and o.status not in ('settled', 'refused', 'withdrawn') and o.record -> 'spec' ->> 'when' = 'renewal'
    and o.record ->> 'withdrawRequested' = 'false'
  union all
  select c.id, null, c.mpn, c.seats from scheduled_changes c
  where c.tenant_id = $1 and c.subscription_id = $2 and c.kind = 'change-quantity' and c.status = 'planned'
    and c.due_at is null`;

/** The scheduled change of an order goes the way of the order. */
export async function followOrder(
  em: EntityManager,
  { tenantId, scheduledChangeId, record }: OrderRow,
  next: OrderRecord,
): Promise<void> {
  if (!scheduledChangeId) return;
  const change = await lockScheduledChange(em, tenantId, scheduledChangeId);
  const action = actionAfter(change.status, record, next);
  if (action) await moveScheduledChange(em, change, action, { reason: next.reason });
}

/** Wipes the scheduled change of an order held by CMP, which Microsoft has dropped because of another order. */
export async function wipe(
  em: EntityManager,
  { tenantId, scheduledChangeId }: OrderRow,
  orderId: string,
): Promise<void> {
  if (!scheduledChangeId) return;
  const change = await lockScheduledChange(em, tenantId, scheduledChangeId);
  if (change.status !== 'ordered') return;
  const why = `Order ${orderId} changed the subscription immediately, and Microsoft then drops scheduled changes.`;
  await moveScheduledChange(em, change, 'wipe', {
    reason: reason('wiped-out', why, 'Confirm the change proposed in its place, if there is one.'),
  });
}

/** Proposes a change again, once per order, no matter how the loss was detected; not for a subscription that has ended. */
export async function proposeAgain(em: EntityManager, row: OrderRow, because: string): Promise<void> {
  const { spec } = row.record;
  if (spec.kind !== 'change-quantity' || !row.subscriptionId) return;
  const live = await statements(em)
    .selectFrom('Subscription')
    .select('id')
    .where('tenantId', '=', row.tenantId)
    .where('id', '=', row.subscriptionId)
    .where('endedAt', 'is', null)
    .where('status', 'not in', ['terminated', 'removed'])
    .executeTakeFirst();
  if (!live) return;
  const detail = `The change to ${spec.seats} seats at the renewal is no longer scheduled: ${because}.`;
  await addScheduledChange(em, {
    tenantId: row.tenantId,
    connectorId: row.connectorId,
    subscriptionId: row.subscriptionId,
    kind: 'change-quantity',
    seats: spec.seats,
    autoRenew: null,
    mpn: spec.product.mpn,
    term: spec.product.term ? Period.print(spec.product.term) : null,
    billingPeriod: spec.product.billingPeriod ? Period.print(spec.product.billingPeriod) : null,
    dueAt: null,
    dropScheduledChanges: false,
    status: 'proposed',
    reason: reason('wiped-out', detail, 'Confirm it if it is still needed, or cancel it.'),
    insteadOfOrderId: row.id,
    requestedBy: row.requestedBy,
    correlationId: row.correlationId,
  });
}

/** The event of a scheduled change as it stands. */
function scheduledChangeEvent(row: ScheduledChangeRow): NewEvent {
  const { tenantId, id, version, correlationId, reason } = row;
  const data: ScheduledChangeUpdatedV1 = {
    connectorId: row.connectorId,
    scheduledChangeId: id,
    subscriptionId: row.subscriptionId,
    kind: row.kind,
    seats: row.seats ?? undefined,
    autoRenew: row.autoRenew ?? undefined,
    mpn: row.mpn ?? undefined,
    at: row.dueAt === null ? undefined : isoTime(row.dueAt),
    status: row.status,
    orderId: row.orderId ?? undefined,
    insteadOfOrderId: row.insteadOfOrderId ?? undefined,
    reason: reason
      ? { ...reason, detail: reason.detail.slice(0, 4000), nextStep: reason.nextStep.slice(0, 2000) }
      : undefined,
    requestedBy: row.requestedBy,
  };
  return event(ScheduledChangeUpdatedV1, data, { tenantId, aggregateId: id, version, correlationId });
}

/** The subscription or connector whose scheduled changes and orders are cancelled. */
export interface CancelScope {
  tenantId: string;
  of: 'subscriptionId' | 'connectorId';
  id: string;
}

/** Cancels all of a subscription or connector that have one of these statuses. */
export async function cancelScheduledChanges(
  em: EntityManager,
  { tenantId, of, id }: CancelScope,
  why: OrderReason,
  statuses: readonly ScheduledStatus[],
): Promise<void> {
  const rows = await statements(em)
    .updateTable('ScheduledChange')
    .set({ status: 'cancelled', reason: why, nextTryAt: null, ...newVersion })
    .where('tenantId', '=', tenantId)
    .where(of, '=', id)
    .where('status', 'in', statuses)
    .returningAll()
    .execute();
  await emitMany(clientIn(em), rows.map(scheduledChangeEvent));
}

type ExecuteChange = (em: EntityManager, row: ScheduledChangeRow, now: number) => Promise<void>;

/** Scheduled changes whose time has come, by the database's clock. Any number of workers may take them at once. */
@Injectable()
export class DueChanges {
  constructor(private readonly orm: MikroORM) {}

  /**
   * Claims one and carries it out in the same transaction: a crash in between leaves it as it was. One that throws is
   * postponed, so that it does not block the others; the error is passed to the caller.
   * @returns false if none is due that is not locked by another
   */
  async takeOne(execute: ExecuteChange): Promise<boolean> {
    let taken: ScheduledChangeRow | undefined;
    const take = () =>
      transaction(this.orm, async (em) => {
        const due = await statements(em)
          .selectFrom('ScheduledChange')
          .selectAll()
          .select(sql<number>`floor(extract(epoch from now()) * 1000)::float8`.as('now'))
          .where('nextTryAt', '<=', sql<Date>`now()`)
          .orderBy('nextTryAt')
          .limit(1)
          .forUpdate()
          .skipLocked()
          .executeTakeFirst();
        if (!due) return false;
        const { now, ...row } = due;
        taken = row;
        await inTenant(row.tenantId, () => execute(em, row, now));
        return true;
      });
    try {
      return await acrossTenants('claim a scheduled change', take);
    } catch (error) {
      if (taken) await this.#putOff(taken);
      throw error;
    }
  }

  async #putOff({ id, tenantId }: ScheduledChangeRow): Promise<void> {
    await inTenant(tenantId, () =>
      statements(this.orm.em.fork())
        .updateTable('ScheduledChange')
        .set({ nextTryAt: fromNow(60) })
        .where('id', '=', id)
        .where('nextTryAt', 'is not', null)
        .execute(),
    );
  }
}
