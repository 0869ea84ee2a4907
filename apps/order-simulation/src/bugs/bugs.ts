import type { Violation } from '../check/check-orders.ts';
import { runScenario } from '../scenario.ts';
import type { Bug } from './bug.ts';
import { eventBugs } from './events.ts';
import { mirrorBugs } from './mirror.ts';
import { proofBugs } from './proof.ts';
import { sendingBugs } from './sending.ts';
import { subscriptionBugs } from './subscriptions.ts';
import { windowBugs } from './windows.ts';

/** Every mistake the audit plants, one at a time; the checker has to catch each. */
export const bugs: readonly Bug[] = [
  ...sendingBugs,
  ...proofBugs,
  ...eventBugs,
  ...mirrorBugs,
  ...subscriptionBugs,
  ...windowBugs,
];

/** Whether a planted bug was noticed: at which seed, after how many, and by what. Plain data. */
export interface AuditResult {
  bug: string;
  after: number;
  seed: number | null;
  violation: Violation | null;
}

/** Plants one bug and plays scenarios until the checker notices, or the seeds run out. */
export async function auditBug(name: string, firstSeed: number, seeds: number): Promise<AuditResult> {
  const bug = bugs.find((one) => one.name === name);
  if (!bug) throw new Error(`There is no bug "${name}".`);
  const all = Array.from({ length: seeds }, (_, index) => firstSeed + index);
  const inOrder = [...all.filter((seed) => seed === bug.seed), ...all.filter((seed) => seed !== bug.seed)];
  for (const [index, seed] of inOrder.entries()) {
    const { violations } = await runScenario(seed, bug);
    // Only a seed that is clean without the bug says anything about the bug.
    if (violations[0] && (await runScenario(seed)).violations.length === 0)
      return { bug: name, after: index + 1, seed, violation: violations[0] };
  }
  return { bug: name, after: seeds, seed: null, violation: null };
}

/** One line about a bug, for people. */
export const describeAudit = ({ bug, after, seed, violation }: AuditResult): string =>
  violation
    ? `caught  ${bug.padEnd(26)} after ${after}, seed ${seed}: ${violation.rule}`
    : `MISSED  ${bug.padEnd(26)} in ${after} seeds`;
