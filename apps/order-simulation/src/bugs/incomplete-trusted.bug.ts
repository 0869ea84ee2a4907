import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const incompleteTrusted: Bug = {
  name: 'incomplete-trusted',
  mistake: 'A list that lost rows while it was read is taken to show that the order is absent.',
  world: (right) => withRules(right, { trustsIncompleteListings: true }),
};
