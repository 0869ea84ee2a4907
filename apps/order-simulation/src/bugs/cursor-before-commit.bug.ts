import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const cursorBeforeCommit: Bug = {
  name: 'cursor-before-commit',
  mistake: 'A tick moves its cursor with the first page, before the others are stored.',
  world: (right) => withEvents(right, { cursorMoves: 'first' }),
};
