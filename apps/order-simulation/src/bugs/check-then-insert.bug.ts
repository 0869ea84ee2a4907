import type { Bug } from './bug.ts';

export const checkThenInsert: Bug = {
  name: 'check-then-insert',
  mistake: 'Whether a command was given before is looked up first, and the order inserted later.',
  world({ desk, clock, ...right }) {
    desk.place = async (key, ask) => {
      const earlier = desk.repeat(key, ask);
      if (earlier) return earlier;
      await clock.sleep(1);
      return desk.accept(key, ask);
    };
    return { ...right, desk, clock };
  },
};
