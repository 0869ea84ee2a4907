import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const unknownCycleIsNull: Bug = {
  name: 'unknown-cycle-is-null',
  mistake: 'A billing cycle that is not known is reported as null instead of the number for it.',
  world: (right) =>
    withEvents(right, {
      toSubscription(known, account, partNumber) {
        const view = right.events.toSubscription(known, account, partNumber);
        return { ...view, provisioningFrequency: view.provisioningFrequency || null! };
      },
    }),
};
