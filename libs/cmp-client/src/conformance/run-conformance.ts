import type { CmpConnection } from '../cmp-connection.ts';
import { isCmpError } from '../errors/cmp-error.ts';
import type { ConformanceStep, Observation } from './conformance-step.ts';
import { ConformanceTarget, type ConformanceOptions } from './conformance-target.ts';
import { conformanceSteps } from './steps/conformance-steps.ts';

/** What a step found, or why it was left out. */
export interface StepReport {
  step: string;
  observations: Observation[];
  skipped?: string;
  /** The client's words when the step could not be finished. */
  failure?: string;
}

/** Questions a CMP step by step. Reads only, unless the options allow more. */
export async function* runConformance(
  connection: CmpConnection,
  options: ConformanceOptions = {},
): AsyncGenerator<StepReport> {
  const target = new ConformanceTarget(connection, options);
  for (const step of conformanceSteps) {
    const skipped = leftOut(step, options);
    if (skipped) {
      yield { step: step.name, observations: [], skipped };
      continue;
    }
    try {
      yield { step: step.name, observations: await step.run(target) };
    } catch (error) {
      if (!isCmpError(error)) throw error;
      yield { step: step.name, observations: [], failure: error.message };
    }
  }
}

function leftOut(
  { kind }: ConformanceStep,
  { press, writableSubscriptionId }: ConformanceOptions,
): string | undefined {
  if (kind === 'presses' && !press) return 'it would use up the call limit';
  if (kind === 'writes' && !writableSubscriptionId) return 'it would change a subscription';
  return undefined;
}
