import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const sendsDifference: Bug = {
  name: 'sends-difference',
  mistake: 'A change of quantity is sent as one seat more or fewer than it should be.',
  world: (right) =>
    withRules(right, {
      orderRequest: (ask, marker) =>
        right.rules.orderRequest(
          ask.kind === 'change-quantity' ? { ...ask, seats: ask.seats + 1 } : ask,
          marker,
        ),
      missingEffect: (ask, subscription) =>
        right.rules.missingEffect(
          ask.kind === 'change-quantity' ? { ...ask, seats: ask.seats + 1 } : ask,
          subscription,
        ),
    }),
};
