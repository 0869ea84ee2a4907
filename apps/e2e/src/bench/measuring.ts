import { readFileSync } from 'node:fs';

/** One line of a benchmark's table. */
export interface Finding {
  id: string;
  what: string;
  figure: string;
  must: string;
  aim: string;
  passed: boolean;
}

/** Prints the findings as a table that can be copied into docs/benchmarks.md; returns whether every target was reached. */
export function report(findings: readonly Finding[]): boolean {
  const head = ['id', 'what', 'measured', 'must', 'aim', ''];
  const rows = findings.map(({ id, what, figure, must, aim, passed }) => [
    id,
    what,
    figure,
    must,
    aim,
    passed ? 'reached' : 'NOT reached',
  ]);
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => row[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |\n`;
  process.stdout.write(line(head) + line(widths.map((width) => '-'.repeat(width))) + rows.map(line).join(''));
  return findings.every(({ passed }) => passed);
}

export interface Spread {
  median: number;
  min: number;
  max: number;
}

export function spread(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))]!;
  const middle = sorted.length >> 1;
  const median = sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
  return { median, min: sorted[0]!, max: at(1) };
}

/** The value that a `share` (0 to 1) of the values does not exceed. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]!;
}

/**
 * Runs the sides in turn, `pairs` times, and returns how long each took. On a shared machine, only figures that were measured right
 * after each other may be divided by each other.
 */
export async function inTurns<Side extends string>(
  pairs: number,
  sides: Record<Side, () => Promise<number>>,
): Promise<Record<Side, number>[]> {
  const rounds: Record<Side, number>[] = [];
  for (let pair = 1; pair <= pairs; pair += 1) {
    const round = {} as Record<Side, number>;
    for (const side of Object.keys(sides) as Side[]) round[side] = await sides[side]();
    rounds.push(round);
    const shown = Object.entries<number>(round).map(([side, ms]) => `${side} ${Math.round(ms)}`);
    process.stderr.write(`  pair ${pair}: ${shown.join(', ')}\n`);
  }
  return rounds;
}

/** `1.23 × (1.10–1.40)`: the median, and the lowest and highest of the measurements. */
export function shownSpread({ median, min, max }: Spread, unit: string, digits = 2): string {
  return `${median.toFixed(digits)}${unit} (${min.toFixed(digits)}–${max.toFixed(digits)})`;
}

/** Linux counts CPU time in hundredths of a second. */
const tickMs = 10;

/** The CPU time that a process has used so far, including the kernel's time for it, in ms. */
export function cpuTime(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name before them, in parentheses, may contain blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * tickMs;
}

/** The peak memory of a process so far, as recorded by the kernel, in MiB. */
export function peakMiB(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)![1]) / 1024;
}
