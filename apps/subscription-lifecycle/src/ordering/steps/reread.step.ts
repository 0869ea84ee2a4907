import type { OrderRecord } from '../../domain/order/order-record.ts';
import type { CmpOrdering } from '../cmp-ordering.ts';
import { isNotFound } from '../failure-evidence.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import { seeOrder } from '../../domain/order/see-order.ts';
import { note } from './note.ts';
import type { StepAction } from './step.ts';

/** Reads the subscription again: only that proves an order. */
export const reread: StepAction = async (held, ports, cmp) => {
  const difference = await differenceAtCmp(held.order, cmp, ports);
  return note(held, difference === null ? { saw: 'effect' } : { saw: 'no-effect', difference }, ports);
};

async function differenceAtCmp(
  order: OrderRecord,
  cmp: CmpOrdering,
  ports: OrderingPorts,
): Promise<string | null> {
  const id = order.cmpSubscriptionId ?? (await subscriptionOf(order, cmp));
  if (!id) return 'it names no subscription';
  try {
    return ports.rules.missingEffect(order.ask, await cmp.subscriptions.get(id));
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return order.ask.kind === 'cancel' ? null : `CMP does not know subscription ${id}`;
  }
}

/** A purchase may have been accepted before CMP had made the subscription. */
async function subscriptionOf(
  { ask, cmpOrderId }: OrderRecord,
  cmp: CmpOrdering,
): Promise<string | undefined> {
  if (!cmpOrderId || ask.kind !== 'create') return undefined;
  const detail = await cmp.orders.get(cmpOrderId);
  return seeOrder(ask, detail).cmpSubscriptionId ?? undefined;
}

/** What a renewal setting lacks, or nothing. */
export const renewalEffect = (
  order: OrderRecord,
  cmp: CmpOrdering,
  ports: OrderingPorts,
): Promise<string | null> => differenceAtCmp(order, cmp, ports);
