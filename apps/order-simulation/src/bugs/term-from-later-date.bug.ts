import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const termFromLaterDate: Bug = {
  name: 'term-from-later-date',
  mistake: 'A renewal date that is later than before counts as a renewal on the earlier one.',
  world: (right) =>
    withEvents(right, {
      observe(before, news, orders) {
        const seen = right.events.observe(before, news, orders);
        const moved = before?.renewalDate && news.renewalDate && news.renewalDate > before.renewalDate;
        if (!seen || !moved) return seen;
        const termStartedAt = Date.parse(before.renewalDate!);
        const seats = seen.state.lines?.[0]?.seats ?? 0;
        return {
          ...seen,
          state: { ...seen.state, termStartedAt, lots: [{ seats, addedAt: termStartedAt }] },
        };
      },
    }),
};
