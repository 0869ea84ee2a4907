import { withPatience } from './bug.ts';
import type { Bug } from './bug.ts';

const hour = 3_600_000;

export const sendsHoweverLate: Bug = {
  name: 'sends-however-late',
  mistake: 'A worker that stood still between storing and sending sends all the same.',
  // In the worst of the worlds that are drawn: in others it takes thousands of stories until one stands still just then.
  world: (right) => ({
    ...withPatience(right, { sendWithin: Infinity, answerWithin: 1e12 }),
    hardships: { ...right.hardships, pause: 0.02, longestPause: 8 * hour },
  }),
};
