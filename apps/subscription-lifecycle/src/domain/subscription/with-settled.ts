import { lotsAt, type SeatLot } from '../nce/seat-lots.ts';
import type { OrderAsk } from '../order/order-ask.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription-record.ts';

/** An order that was proved by reading the subscription again. */
export interface SettledOrder {
  ask: OrderAsk;
  /** Milliseconds, UTC. */
  finishedAt: number;
}

/**
 * The subscription with the orders that have been settled since CMP was read for it, the oldest first. The mirror follows
 * within minutes; until then what was proved is truer than what was read before it.
 */
export const withSettled = (state: SubscriptionState, settled: readonly SettledOrder[]): SubscriptionState =>
  settled
    .filter(({ finishedAt }) => finishedAt > state.asOf)
    .reduce<SubscriptionState>((before, order) => apply(before, order), state);

function apply(state: SubscriptionState, { ask, finishedAt }: SettledOrder): SubscriptionState {
  const read = { ...state, asOf: finishedAt };
  switch (ask.kind) {
    case 'cancel':
      return { ...read, status: 'terminated' };
    case 'renewal-setting':
      return { ...read, autoRenew: ask.autoRenew };
    case 'change-quantity': {
      const lines = (state.lines ?? []).map((line) =>
        isLine(line, ask.product) ? { ...line, seats: ask.seats } : line,
      );
      return { ...read, lines: state.lines && lines, lots: lotsOf(state, lines[0], finishedAt) };
    }
    case 'create':
      return state;
  }
}

const isLine = (line: SubscriptionLine, { vendor, mpn }: { vendor: string; mpn: string }): boolean =>
  line.mpn === mpn && line.vendor === vendor;

/** Lots are those of the first line. */
function lotsOf(
  { lots }: SubscriptionState,
  first: SubscriptionLine | undefined,
  at: number,
): SeatLot[] | null {
  return lots && first ? lotsAt(lots, first.seats, at) : lots;
}
