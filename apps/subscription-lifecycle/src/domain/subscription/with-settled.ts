import type { OrderAsk } from '../order/order-ask.ts';
import { lotsAfterChange } from './lots-of-lines.ts';
import type { SubscriptionLine, SubscriptionState } from './subscription-record.ts';

/** An order that was proved by reading the subscription again. */
export interface SettledOrder {
  ask: OrderAsk;
  /** Milliseconds, UTC. */
  finishedAt: number;
  /** Null or absent when nothing had to be sent. */
  firstSentAt?: number | null;
}

/**
 * The subscription with the orders that have been settled since CMP was read for it, the oldest first. The mirror follows
 * within minutes; until then what was proved is truer than what was read before it.
 */
export const withSettled = (state: SubscriptionState, settled: readonly SettledOrder[]): SubscriptionState =>
  settled
    .filter(({ finishedAt }) => finishedAt > state.asOf)
    .reduce<SubscriptionState>((before, order) => apply(before, order), state);

function apply(state: SubscriptionState, { ask, finishedAt, firstSentAt }: SettledOrder): SubscriptionState {
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
      // Microsoft counts from when it carried the order out, which we see later: sending it is the safe side.
      const since = Math.min(firstSentAt ?? finishedAt, finishedAt);
      const lots =
        state.lots && lotsAfterChange({ ...state, lots: state.lots }, lines, since, state.termStartedAt);
      return { ...read, lines: state.lines && lines, lots };
    }
    case 'create':
      return state;
  }
}

const isLine = (line: SubscriptionLine, { vendor, mpn }: { vendor: string; mpn: string }): boolean =>
  line.mpn === mpn && line.vendor === vendor;
