import { observe } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import { type Bug, withEvents } from './bug.ts';

/** Mistakes in when a term or seats count as bought, and with it until when they can be given back. */
export const windowBugs: readonly Bug[] = [
  {
    name: 'window-from-completion',
    mistake: 'The window of added seats is counted from when the order was seen to be completed.',
    world: (right) => {
      const late: typeof right.events.explain = (state, orders) =>
        right.events.explain(
          state,
          orders.map((order) => ({ ...order, createdAt: order.doneAt })),
        );
      return withEvents(right, { explain: late });
    },
  },
  {
    name: 'window-from-reading',
    mistake: 'Seats that no order explains count as added when they were read first.',
    world: (right) =>
      withEvents(right, {
        observe(before, event, orders = []) {
          const seen = observe(before, event, orders);
          const more = (seen?.state.lines?.[0]?.seats ?? 0) - (before?.lines?.[0]?.seats ?? 0);
          if (!before || more <= 0) return seen;
          const lines = [{ mpn: event.lines?.[0]?.mpn ?? '', seats: more }];
          const order = {
            id: '?',
            number: '?',
            type: 'change' as const,
            createdAt: event.asOf,
            doneAt: event.asOf,
          };
          return observe(before, event, [...orders, { ...order, lines }]);
        },
      }),
  },
  {
    name: 'returned-seats-are-new',
    mistake: 'Seats that come back after a reading with fewer of them count as added then.',
    world: (right) =>
      withEvents(right, {
        observe(before, event, orders) {
          const seen = observe(before, event, orders);
          return seen && before ? { ...seen, state: asNew(before, seen.state) } : seen;
        },
      }),
  },
  {
    name: 'term-from-later-date',
    mistake: 'A renewal date that is later than before counts as a renewal on the earlier one.',
    world: (right) =>
      withEvents(right, {
        observe(before, event, orders) {
          const seen = right.events.observe(before, event, orders);
          const moved = before?.renewalDate && event.renewalDate && event.renewalDate > before.renewalDate;
          if (!seen || !moved) return seen;
          const termStartedAt = Date.parse(before.renewalDate!);
          const seats = seen.state.lines?.[0]?.seats ?? 0;
          return {
            ...seen,
            state: { ...seen.state, termStartedAt, lots: [{ seats, addedAt: termStartedAt }] },
          };
        },
      }),
  },
];

function asNew({ readings = [], lines }: SubscriptionState, state: SubscriptionState): SubscriptionState {
  const earlier = readings.at(-2)?.lines ?? [];
  const lots = (state.lines ?? []).flatMap(({ mpn, seats }) => {
    const low = lines?.find((line) => line.mpn === mpn)?.seats ?? seats;
    const back = seats > low && earlier.some((line) => line.mpn === mpn && line.seats === seats);
    return back ? [{ seats: seats - low, addedAt: state.asOf, line: mpn }] : [];
  });
  return lots.length === 0 ? state : { ...state, lots: [...(state.lots ?? []), ...lots] };
}
