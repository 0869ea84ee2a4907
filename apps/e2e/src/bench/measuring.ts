/** One line of a benchmark's table. */
export interface Finding {
  id: string;
  what: string;
  figure: string;
  must: string;
  aim: string;
  passed: boolean;
}

/** Prints what was found as a table that can go into docs/benchmarks.md as it is; answers whether every must is reached. */
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
