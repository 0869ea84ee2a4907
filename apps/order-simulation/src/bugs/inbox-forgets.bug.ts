import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const inboxForgets: Bug = {
  name: 'inbox-forgets',
  mistake: 'Whether a message was handled before is not looked up.',
  world: (right) =>
    withEvents(right, {
      once: async (note, effect) => {
        await note();
        await effect();
      },
    }),
};
