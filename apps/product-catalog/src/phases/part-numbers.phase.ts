import type { Phase } from '@isthmus/sync-engine';
import { judgePartNumbers } from '../persistence/judge-part-numbers.ts';

/** Resolves every known part number again: products have come, gone and changed their names. */
export const partNumbersPhase: Phase = {
  name: 'part-numbers',
  async run(context) {
    if (!context.run.apply) return;
    await context.commit({
      done: 0,
      write: async (client) => {
        await judgePartNumbers(client, context.run);
        return {};
      },
    });
  },
};
