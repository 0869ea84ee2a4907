import { withPatience } from './bug.ts';
import type { Bug } from './bug.ts';

export const sendsHoweverLate: Bug = {
  name: 'sends-however-late',
  mistake: 'A worker that stood still between storing and sending sends all the same.',
  world: (right) => withPatience(right, { sendWithin: Infinity, answerWithin: 1e12 }),
};
