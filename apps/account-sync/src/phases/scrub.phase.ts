import type { Phase } from '@isthmus/sync-engine';
import type { TargetAccount } from './target.ts';
import { wantAll, wantOldest } from './wanted-details.ts';

/** Asks again for the details confirmed longest ago: CMP may change a subscription without any order or date telling. */
export const scrubPhase = (days: number): Phase => ({
  name: 'scrub',
  run: (context) => (context.run.apply ? wantOldest(context, days) : Promise.resolve()),
});

/** Asks for all details of a few accounts: CMP dates a change by the day, so a second one of a day does not show in its lists. */
export const confirmAllPhase = (accounts: readonly TargetAccount[]): Phase => ({
  name: 'confirm all',
  run: (context) =>
    context.run.apply
      ? wantAll(
          context,
          accounts.map(({ id }) => id),
        )
      : Promise.resolve(),
});
