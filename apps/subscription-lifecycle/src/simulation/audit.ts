import { bugs } from './bugs/bugs.ts';
import type { Bug } from './bugs/bug.ts';
import type { Violation } from './check/violation.ts';
import { playStory } from './story.ts';

/** Whether a planted bug was noticed: at which seed, after how many, and by what. */
export interface Caught {
  bug: Bug;
  after: number;
  seed: number | null;
  violation: Violation | null;
}

/** Plants one bug and plays stories until the checker notices, or the seeds run out. */
export async function auditBug(bug: Bug, firstSeed: number, seeds: number): Promise<Caught> {
  for (let after = 1; after <= seeds; after += 1) {
    const seed = firstSeed + after - 1;
    const { violations } = await playStory(seed, bug);
    // Only a seed that is clean without the bug says anything about the bug.
    if (violations[0] && (await playStory(seed)).violations.length === 0)
      return { bug, after, seed, violation: violations[0] };
  }
  return { bug, after: seeds, seed: null, violation: null };
}

/** Every bug in turn. */
export async function* audit(firstSeed: number, seeds: number, planted = bugs): AsyncGenerator<Caught> {
  for (const bug of planted) yield await auditBug(bug, firstSeed, seeds);
}
