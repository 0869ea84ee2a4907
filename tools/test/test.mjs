// `npm test`, or a part of it: `npm test -- unit simulation int e2e lint types format generated build`.
import { jestSteps } from './jest-step.mjs';
import { commandStep } from './command-step.mjs';
import { closingLine, table } from './summary.mjs';
import { generated } from './generated.mjs';
import { simulation } from './simulation.mjs';

const nx = (target) => ['nx', 'run-many', '-t', target, '--parallel=2'];

/** In the order of what fails soonest. Each returns its results: a command one, a test suite one per test. */
const steps = {
  build: commandStep('build', ['node', 'tools/prepare.mjs']),
  generated,
  format: commandStep('format', ['prettier', '--check', '--log-level=warn', '.'], 'Run npm run format.'),
  lint: commandStep('lint', nx('lint')),
  types: commandStep('types', nx('typecheck')),
  ...jestSteps(['unit']),
  simulation,
  ...jestSteps(['int', 'e2e']),
};

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !(name in steps));
if (unknown.length > 0) {
  process.stderr.write(`Unknown step "${unknown.join('", "')}"; use ${Object.keys(steps).join(', ')}.\n`);
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
