import type { OrderStatus } from '@isthmus/subscription-lifecycle/orders/order-lifecycle.ts';
import type { Heard } from '../events/order-book.ts';
import type { Violation } from './violation.ts';

/** A line of an order's public history. */
export interface HistoryLine {
  orderId: string;
  version: number;
  status: OrderStatus;
  at: number;
}

/** What the service promises to say when an order comes to stand somewhere. */
const subjects: Partial<Record<OrderStatus, string>> = {
  accepted: 'subscription-lifecycle.order-placed.v1',
  settled: 'subscription-lifecycle.order-settled.v1',
  refused: 'subscription-lifecycle.order-refused.v1',
  withdrawn: 'subscription-lifecycle.order-withdrawn.v1',
  'needs-attention': 'subscription-lifecycle.order-raised.v1',
  'completed-not-effective': 'subscription-lifecycle.order-raised.v1',
};

interface EventsAccount {
  history: readonly HistoryLine[];
  passedOn: readonly Heard[];
  applied: readonly Heard[];
  kept: ReadonlyMap<string, Heard>;
}

/** What was heard against what happened: every change once, nothing that was none, never backwards, the last one kept. */
export function checkEvents({ history, passedOn, applied, kept }: EventsAccount): Violation[] {
  const violations: Violation[] = [];
  const broken = (rule: string, detail: string) => violations.push({ rule, detail });
  const name = ({ orderId, version, type }: Heard) => `${type} of ${orderId} at version ${version}`;
  const told = history.flatMap(({ orderId, version, status }) => {
    const type = subjects[status];
    return type ? [{ orderId, version, type }] : [];
  });

  const counts = new Map<string, number>();
  for (const heard of passedOn) counts.set(name(heard), (counts.get(name(heard)) ?? 0) + 1);
  for (const change of told) {
    const count = counts.get(name(change)) ?? 0;
    if (count === 0) broken('every change is heard of', `${name(change)} was not`);
    if (count > 1) broken('heard once in effect', `${name(change)} had ${count} effects`);
    counts.delete(name(change));
  }
  for (const heard of counts.keys()) broken('no event without a change', heard);

  const highest = new Map<string, number>();
  for (const heard of applied) {
    if (heard.version <= (highest.get(heard.orderId) ?? 0))
      broken('versions only grow', `${name(heard)} came after version ${highest.get(heard.orderId)}`);
    highest.set(heard.orderId, Math.max(heard.version, highest.get(heard.orderId) ?? 0));
  }
  const last = new Map(told.map((change) => [change.orderId, change]));
  for (const [orderId, change] of last)
    if (kept.get(orderId)?.type !== change.type)
      broken('the last word is kept', `${name(change)}; kept is ${kept.get(orderId)?.type ?? 'nothing'}`);
  return violations;
}
