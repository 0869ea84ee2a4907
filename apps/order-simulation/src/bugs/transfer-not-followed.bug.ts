import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const transferNotFollowed: Bug = {
  name: 'transfer-not-followed',
  mistake: 'A subscription belongs for ever to the customer that it was first listed under.',
  world: (right) => withEvents(right, { ownerAfter: (known, listed) => known ?? listed }),
};
