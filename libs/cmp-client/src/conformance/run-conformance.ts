import type { CmpConnection } from '../call/exchange.ts';
import { isCmpError } from '../errors.ts';
import { rateLimit, refusals, tokens } from './access-steps.ts';
import {
  type ConformanceOptions,
  type ConformanceStep,
  ConformanceTarget,
  type Observation,
} from './conformance-step.ts';
import {
  creationTimeFilter,
  listOrder,
  orderNumberFilter,
  pageLimit,
  reportPaging,
  statusFilter,
  times,
  unknownParameter,
} from './list-steps.ts';
import { detailShapes, endingOrders, orderLines, renewalDates } from './record-steps.ts';
import { changeQuantity, renewalSwitch } from './writing-steps.ts';

export type { ConformanceOptions, ConformanceStep, Observation } from './conformance-step.ts';

/** The result of a step, or why it was skipped. */
export interface StepReport {
  step: string;
  observations: Observation[];
  skipped?: string;
  /** The client's message if the step could not be completed. */
  failure?: string;
}

/** Questions a CMP step by step. Reads only, unless the options allow more. */
export async function* runConformance(
  connection: CmpConnection,
  options: ConformanceOptions = {},
): AsyncGenerator<StepReport> {
  const target = new ConformanceTarget(connection, options);
  for (const step of conformanceSteps) {
    const skipped = skipReason(step, options);
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

function skipReason(
  { kind }: ConformanceStep,
  { press, writableSubscriptionId }: ConformanceOptions,
): string | undefined {
  if (kind === 'presses' && !press) return 'it would use up the call limit';
  if (kind === 'writes' && !writableSubscriptionId) return 'it would change a subscription';
  return undefined;
}

/** The steps in the order in which they run: the one that exhausts the call limit comes last. */
export const conformanceSteps: readonly ConformanceStep[] = [
  tokens,
  refusals,
  pageLimit,
  listOrder,
  statusFilter,
  unknownParameter,
  creationTimeFilter,
  orderNumberFilter,
  times,
  detailShapes,
  orderLines,
  endingOrders,
  renewalDates,
  reportPaging,
  renewalSwitch,
  changeQuantity,
  rateLimit,
];

const head = ['', 'subject', 'assumed', 'observed', 'step'];

/** The results as a human-readable table: `=` confirmed, `≠` refuted, `?` not observable with this CMP's data. */
export function conformanceTable(reports: readonly StepReport[]): string {
  const rows = reports.flatMap(({ step, observations, skipped, failure }) => {
    if (skipped) return [['-', '', '', `left out: ${skipped}`, step]];
    if (failure) return [['!', '', '', failure, step]];
    return observations.map(({ subject, assumed, observed, holds }) => [
      sign(holds),
      subject,
      assumed,
      observed,
      step,
    ]);
  });
  const widths = head.map((_, column) =>
    Math.min(60, Math.max(...[head, ...rows].map((row) => row[column]!.length))),
  );
  return [head, widths.map((width) => '-'.repeat(width)), ...rows]
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const sign = (holds: boolean | undefined): string => (holds === undefined ? '?' : holds ? '=' : '≠');
