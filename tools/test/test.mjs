// `npm test`, or a part of it: `npm test -- unit simulation int e2e lint types format generated build`.
import { commandStep, generated, jestSteps, simulation } from './steps.mjs';

const nx = (target) => ['nx', 'run-many', '-t', target, '--parallel=2'];

/** In the order of what fails soonest. Each answers its results: a command one, a test suite one per test. */
const steps = {
  build: commandStep('build', ['node', 'tools/prepare.mjs']),
  generated,
  format: commandStep('format', ['prettier', '--check', '--log-level=warn', '.'], 'npm run format mends it.'),
  lint: commandStep('lint', nx('lint')),
  types: commandStep('types', nx('typecheck')),
  ...jestSteps(['unit']),
  simulation,
  ...jestSteps(['int', 'e2e']),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(
    `There is no "${unknown.join('", "')}"; there are ${Object.keys(steps).join(', ')}.\n`,
  );
  process.exit(2);
}

const results = [];
for (const name of asked.length > 0 ? asked : Object.keys(steps)) {
  process.stdout.write(`\n── ${name} ${'─'.repeat(70 - name.length)}\n`);
  const started = Date.now();
  const result = await steps[name]();
  results.push({ name, seconds: (Date.now() - started) / 1000, ...result });
}

process.stdout.write(table(results));
process.stdout.write(`${closingLine(results)}\n`);
process.exitCode = results.every(({ failed }) => failed === 0) ? 0 : 1;

/** What ran, for a person to read. */
function table(results) {
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
function closingLine(results) {
  const sum = (key) => results.reduce((total, result) => total + result[key], 0);
  return `${sum('passed')} passed, ${sum('failed')} failed`;
}
