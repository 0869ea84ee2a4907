import type { OrderStateV1 } from '@isthmus/contracts';
import type { IntentStatus, Refusal } from './write-intent.entity.ts';

/** How a write stands. */
export interface Progress {
  status: IntentStatus;
  /** subscription-lifecycle's id, once it is known. */
  subscriptionId: string | null;
  refusal: Refusal | null;
}

/** Out of how its orders stand: one that is refused refuses the whole, and all of them have to be settled. */
export function progressOf(orders: readonly OrderStateV1[]): Progress {
  const subscriptionId = orders.find((order) => order.subscriptionId)?.subscriptionId ?? null;
  const failed = orders.find(({ outcome }) => outcome === 'refused' || outcome === 'withdrawn');
  if (failed) return { status: 'refused', subscriptionId, refusal: refusalOf(failed, orders) };
  const settled = orders.length > 0 && orders.every(({ outcome }) => outcome === 'settled');
  return { status: settled ? 'done' : 'ordered', subscriptionId, refusal: null };
}

function refusalOf({ outcome, reason, kind }: OrderStateV1, orders: readonly OrderStateV1[]): Refusal {
  const others = orders.filter((order) => order.outcome === 'settled').map((order) => order.kind);
  const done = others.length > 0 ? ` The ${others.join(' and ')} ordered with it was carried out.` : '';
  if (!reason)
    return {
      code: `order.${outcome}`,
      detail: `The order (${kind}) was withdrawn before CMP began with it.${done}`,
      nextStep: 'Order again, or ask who withdrew it.',
    };
  return { code: `order.${reason.code}`, detail: reason.detail + done, nextStep: reason.nextStep };
}
