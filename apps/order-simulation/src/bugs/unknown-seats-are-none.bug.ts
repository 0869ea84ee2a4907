import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const unknownSeatsAreNone: Bug = {
  name: 'unknown-seats-are-none',
  mistake: 'A live subscription whose seats were not read yet is reported with none.',
  world: (right) => withEvents(right, { canBeReported: () => true }),
};
