import { Period } from '@isthmus/domain';
import type { Statements } from '@isthmus/messaging';
import type { OrderRecord } from '../domain/order/order-record.ts';
import { reason } from '../domain/order/order-reason.ts';
import { actionAfter, dropsScheduled, wipedAtCmp } from '../domain/schedule/after-order.ts';
import { orderColumns, type OrderRow } from './order-row.ts';
import { addScheduledChange, lockScheduledChange, moveScheduledChange } from './write-scheduled-change.ts';

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
