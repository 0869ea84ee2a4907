import { codeAfter, type OrderStatus, type StatusCode } from '../rules/order-lifecycle.ts';
import type { DrawnOffer } from './offer-draw.ts';
import { dice } from './dice.ts';
import type { SubscriptionColumns } from './subscription-columns.ts';

const day = 1440;

/** An order of the past, before it is written out; `seats` is the total bought, the signed change, or the scheduled target. */
export interface PastOrder {
  /** Tells the orders of one subscription apart, 0 to 7. */
  sequence: number;
  kind: 'sales' | 'change' | 'scheduled' | 'renewal' | 'cancellation';
  minute: number;
  seats: number;
  status: OrderStatus;
}

const scheduledSequence = 5;
const codes = {
  submitted: 'WP',
  processing: codeAfter.start,
  completed: codeAfter.complete,
  error: codeAfter.fail,
  cancelled: codeAfter.withdraw,
} as const;

/** CloudBlue's code of a past order, from its status and sequence. */
export function pastCode(status: OrderStatus, sequence: number): StatusCode {
  return sequence === scheduledSequence ? codeAfter.schedule : codes[status];
}

function outcome(seed: number, index: number, face: number): OrderStatus {
  const roll = dice(seed, index, face);
  return roll < 0.96 ? 'completed' : roll < 0.98 ? 'error' : 'cancelled';
}

/**
 * Everything that was ordered for a seeded subscription, oldest first: its purchase, up to two seat changes, its latest
 * renewal, a cancellation for some that are gone (most ended without any order), a change parked until renewal for a few.
 */
export function drawHistory(columns: SubscriptionColumns, index: number, offer: DrawnOffer): PastOrder[] {
  const { seed } = columns.ground;
  const created = columns.createdMinute(index);
  const status = columns.status[index]!;
  const ended = endMinute(columns, index);
  let seats = offer.item ? 1 + Math.floor(dice(seed, index, 60) ** 3 * 60) : 0;
  const orders: PastOrder[] = [
    { sequence: 0, kind: 'sales', minute: created, seats, status: status === 0 ? 'processing' : 'completed' },
  ];
  const started = columns.startedMinute[index]!;
  const last = ended ?? columns.epochMinute;
  const change = (sequence: number, minute: number, delta: number) => {
    if (
      !offer.item ||
      minute >= last ||
      seats + delta < 1 ||
      seats + delta > offer.item.maximum ||
      delta === 0
    )
      return;
    const result = outcome(seed, index, 64 + sequence);
    if (result === 'completed') seats += delta;
    orders.push({ sequence, kind: 'change', minute, seats: delta, status: result });
  };
  if (status !== 0) {
    if (dice(seed, index, 61) < 0.6)
      change(
        1,
        created + 60 + Math.floor(dice(seed, index, 62) * 6 * day),
        Math.floor(dice(seed, index, 63) * 8) - 3,
      );
    const free = last - created - 8 * day;
    if (dice(seed, index, 67) < 0.5 && free > 0)
      change(
        2,
        created + 8 * day + Math.floor(dice(seed, index, 68) * free),
        1 + Math.floor(dice(seed, index, 69) * 9),
      );
  }
  if (started > created)
    orders.push({ sequence: 3, kind: 'renewal', minute: started, seats: 0, status: 'completed' });
  if (status === 4 && dice(seed, index, 70) < 0.1)
    orders.push({ sequence: 4, kind: 'cancellation', minute: last, seats: 0, status: 'completed' });
  if (status === 1 && offer.item?.kind === 'nce' && seats > 1 && dice(seed, index, 71) < 0.02)
    orders.push({
      sequence: scheduledSequence,
      kind: 'scheduled',
      minute: Math.floor((Math.max(started, created) + columns.epochMinute) / 2),
      seats: seats - 1,
      status: 'processing',
    });
  return orders.sort((a, b) => a.minute - b.minute || a.sequence - b.sequence);
}

/** When a seeded subscription ended, in minutes; undefined while it lives. */
export function endMinute(columns: SubscriptionColumns, index: number): number | undefined {
  const status = columns.status[index]!;
  if (status === 3) return columns.dueMinute[index]! - 30 * day;
  if (status !== 4) return undefined;
  const created = columns.createdMinute(index);
  const roll = dice(columns.ground.seed, index, 72);
  return Math.floor(created + Math.max(1, (columns.epochMinute - 31 * day - created) * roll));
}
