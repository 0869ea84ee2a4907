import { bugs } from './bugs/bugs.ts';
import type { Violation } from './check/violation.ts';
import { playStory } from './story.ts';

/** Whether a planted bug was noticed: at which seed, after how many, and by what. Plain data. */
export interface Caught {
  bug: string;
  after: number;
  seed: number | null;
  violation: Violation | null;
}

/** Plants one bug and plays stories until the checker notices, or the seeds run out. */
export async function auditBug(name: string, firstSeed: number, seeds: number): Promise<Caught> {
  const bug = bugs.find((one) => one.name === name);
  if (!bug) throw new Error(`There is no bug "${name}".`);
  for (let after = 1; after <= seeds; after += 1) {
    const seed = firstSeed + after - 1;
    const { violations } = await playStory(seed, bug);
    // Only a seed that is clean without the bug says anything about the bug.
    if (violations[0] && (await playStory(seed)).violations.length === 0)
      return { bug: name, after, seed, violation: violations[0] };
  }
  return { bug: name, after: seeds, seed: null, violation: null };
}

/** One line about a bug, for people. */
export const tellCaught = ({ bug, after, seed, violation }: Caught): string =>
  violation
    ? `caught  ${bug.padEnd(26)} after ${after}, seed ${seed}: ${violation.rule}`
    : `MISSED  ${bug.padEnd(26)} in ${after} seeds`;
