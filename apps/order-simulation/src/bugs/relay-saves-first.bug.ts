import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const relaySavesFirst: Bug = {
  name: 'relay-saves-first',
  mistake: 'The relay stores how far it has come before the broker has what was said.',
  world: (right) => withEvents(right, { relaySaves: 'before-publishing' }),
};
