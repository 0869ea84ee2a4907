/** What ran, for a person to read; some of it side by side. */
export function table(results, secondsInAll) {
  const rows = [
    ['', 'passed', 'failed', 'skipped', 'seconds', ''],
    ...results.map(({ name, passed, failed, skipped, seconds, note }) => [
      name,
      String(passed),
      String(failed),
      String(skipped),
      seconds.toFixed(1),
      note,
    ]),
    [
      'in all',
      ...['passed', 'failed', 'skipped'].map((key) => String(sum(results, key))),
      secondsInAll.toFixed(1),
      '',
    ],
  ];
  const widths = rows[0].map((_, column) =>
    Math.max(...rows.map((row) => (column === 5 ? 0 : row[column].length))),
  );
  const line = (row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0]) : cell.padStart(widths[column])))
      .join('  ');
  return `\n${rows.map((row) => `  ${line(row)}`.trimEnd()).join('\n')}\n\n`;
}

/** The one line a machine reads. */
export function closingLine(results) {
  return `${sum(results, 'passed')} passed, ${sum(results, 'failed')} failed`;
}

const sum = (results, key) => results.reduce((total, result) => total + result[key], 0);
