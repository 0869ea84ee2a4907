import type { Phase, RunContext } from '@isthmus/sync-engine';
import type { TargetAccount } from './target.ts';
import { readDetails } from './read-details.ts';
import { countWanted, nextWanted } from './wanted-details.ts';

export interface DetailSettings {
  /** Details asked for at once. */
  atOnce: number;
  /** A run stops reading details after this long; what is left waits for the next run. */
  maxMinutes: number;
}

/** Reads the details that tick and sweep have asked for, each one call to CMP. A plan has none: it compares listings only. */
export const detailsPhase = (
  settings: DetailSettings,
  accounts?: readonly TargetAccount[],
  name = 'details',
): Phase => ({
  name,
  async run(context) {
    if (!context.run.apply) return;
    const ids = accounts?.map((account) => account.id);
    const cmp = context.cmp.inLane(laneFor(context));
    const until = Date.now() + settings.maxMinutes * 60_000;
    let done = 0;
    const total = await countWanted(context, ids);
    while (Date.now() < until) {
      const wanted = await nextWanted(context, ids, settings.atOnce);
      if (!wanted.length) return;
      await readDetails(context, cmp, wanted, { done, total });
      done += wanted.length;
    }
  },
});

/** One account is what somebody waits for; a sweep's backlog and a scrub take what others leave. */
function laneFor({ run }: RunContext): 'interactive' | 'sync' | 'scrub' {
  if (run.target) return 'interactive';
  return run.depth === 'incremental' ? 'sync' : 'scrub';
}
