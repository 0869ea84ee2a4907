import type { StepReport } from './run-conformance.ts';

const head = ['', 'subject', 'assumed', 'observed', 'step'];

/** The reports as a table for people: `=` holds, `≠` does not, `?` this CMP's data cannot tell. */
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
