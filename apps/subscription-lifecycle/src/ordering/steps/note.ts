import type { Evidence } from '../../domain/order/evidence.ts';
import type { HeldOrder } from '../held-order.ts';
import type { OrderingPorts } from '../ordering-ports.ts';
import type { SaveMore } from '../order-store.ts';

/** Stores what was learnt from evidence. */
export function note(
  held: HeldOrder,
  evidence: Evidence,
  { clock, store, rules }: OrderingPorts,
  more?: SaveMore,
): Promise<HeldOrder> {
  const moment = { now: clock.now(), patience: rules.patience, longestSeen: held.longestSeen };
  return store.save(held, rules.learn(held.order, evidence, moment), more);
}
