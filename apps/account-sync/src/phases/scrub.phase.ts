import type { Phase } from '@isthmus/sync-engine';
import { wantOldest } from './wanted-details.ts';

/** Asks again for the details confirmed longest ago: CMP may change a subscription without any order or date telling. */
export const scrubPhase = (days: number): Phase => ({
  name: 'scrub',
  run: (context) => (context.run.apply ? wantOldest(context, days) : Promise.resolve()),
});
