import { observe } from '@isthmus/subscription-lifecycle/subscriptions/rules/observe.ts';
import type { SubscriptionState } from '@isthmus/subscription-lifecycle/subscriptions/subscription.ts';
import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const returnedSeatsAreNew: Bug = {
  name: 'returned-seats-are-new',
  mistake: 'Seats that come back after a reading with fewer of them count as added then.',
  world: (right) =>
    withEvents(right, {
      observe(before, news, orders) {
        const seen = observe(before, news, orders);
        return seen && before ? { ...seen, state: asNew(before, seen.state) } : seen;
      },
    }),
};

function asNew({ readings = [], lines }: SubscriptionState, state: SubscriptionState): SubscriptionState {
  const earlier = readings.at(-2)?.lines ?? [];
  const lots = (state.lines ?? []).flatMap(({ mpn, seats }) => {
    const low = lines?.find((line) => line.mpn === mpn)?.seats ?? seats;
    const back = seats > low && earlier.some((line) => line.mpn === mpn && line.seats === seats);
    return back ? [{ seats: seats - low, addedAt: state.asOf, line: mpn }] : [];
  });
  return lots.length === 0 ? state : { ...state, lots: [...(state.lots ?? []), ...lots] };
}
