// `npm test`, or a part of it: `npm test -- unit simulation int e2e browser pages containers upgrade lint types format generated supply build`.
import { browserStep, commandStep, containers, jestSteps, runner, simulation, upgrade } from './steps.mjs';
import { supply } from './supply.mjs';

/** Each answers its results: a command one, a test suite one per test. */
const steps = {
  build: commandStep(
    [
      ['node', 'tools/prepare.mjs'],
      ['node', 'apps/console/size.mjs'],
    ],
    'see above; apps/console/size.mjs --list shows what a browser loads',
  ),
  generated: commandStep(
    [
      ['node', 'tools/generate/src/generate.mjs', '--check'],
      ['node', 'tools/generate/src/api-changes.mjs'],
    ],
    'npm run generate writes them anew; docs/api-changes.md names what breaks clients',
  ),
  format: commandStep([['prettier', '--check', '--log-level=warn', '.']], 'npm run format mends it'),
  types: commandStep([['npm', 'run', 'typecheck']]),
  lint: commandStep([['npm', 'run', 'lint']]),
  supply: supply(runner),
  ...jestSteps(['unit']),
  simulation,
  upgrade,
  ...jestSteps(['int', 'e2e']),
  containers,
  browser: browserStep(['walk', 'stories']),
  pages: browserStep([]),
};
/**
 * What mostly waits for servers, in front of the user; beside it what mostly computes, heard when it is over. What waits
 * longest comes first: when nothing is left beside it, nobody would use the time.
 */
const waiting = ['e2e', 'browser', 'pages', 'int'];

/** Only when they are named: each takes minutes. Before a release: `npm test -- pages upgrade`. */
const onRequest = ['pages', 'upgrade'];

const requested = process.argv.slice(2);
const unknown = requested.filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(`Unknown step "${unknown.join('", "')}"; use ${Object.keys(steps).join(', ')}.\n`);
  process.exit(2);
}

const names = Object.keys(steps).filter((name) =>
  requested.length === 0 ? !onRequest.includes(name) : requested.includes(name),
);
const results = new Map();
const line = (text) => process.stdout.write(`\n── ${text} ${'─'.repeat(70 - text.length)}\n`);
let inFront;

async function runInFront(name) {
  line(name);
  inFront = name;
  await runStep(name, runner());
  inFront = undefined;
}

async function runBeside(name) {
  const said = [];
  await runStep(
    name,
    runner((chunk) => said.push(chunk)),
  );
  line(name);
  for (const chunk of said) process.stdout.write(chunk);
  if (inFront) line(`${inFront}, going on`);
}

async function runStep(name, run) {
  const started = Date.now();
  const result = await steps[name](run);
  results.set(name, { name, seconds: (Date.now() - started) / 1000, ...result });
}

async function inTurns(some, how) {
  for (const name of some) await how(name);
}

const started = Date.now();
if (names[0] === 'build') await runInFront(names.shift());
const slow = waiting.filter((name) => names.includes(name));
const rest = names.filter((name) => !waiting.includes(name));
await Promise.all([inTurns(slow, runInFront), inTurns(rest, slow.length > 0 ? runBeside : runInFront)]);

const ran = Object.keys(steps).flatMap((name) => results.get(name) ?? []);
process.stdout.write(table(ran, (Date.now() - started) / 1000));
process.stdout.write(`${closingLine(ran)}\n`);
process.exitCode = ran.every(({ failed }) => failed === 0) ? 0 : 1;

/** What ran, for a person to read; some of it side by side. */
function table(results, secondsInAll) {
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

/** The one line a machine reads. What was skipped is said with its reason, so that nobody takes it for passed. */
function closingLine(results) {
  const line = `${sum(results, 'passed')} passed, ${sum(results, 'failed')} failed`;
  const idle = results.filter(({ skipped }) => skipped > 0);
  if (idle.length === 0) return line;
  const reasons = idle.map(({ name, note }) => (note ? `${name}: ${note}` : name)).join('; ');
  return `${line}, ${sum(results, 'skipped')} skipped (${reasons})`;
}

function sum(results, key) {
  return results.reduce((total, result) => total + result[key], 0);
}
