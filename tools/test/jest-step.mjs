import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFront } from './command-step.mjs';

const jest = [
  '--disable-warning=ExperimentalWarning',
  '--experimental-vm-modules',
  'node_modules/jest/bin/jest.js',
];

/** One step per suite: `*.<suite>.spec.ts`. A suite in which no test ran has failed: nothing was checked. */
export const jestSteps = (suites) =>
  Object.fromEntries(suites.map((suite) => [suite, () => runSuite(suite)]));

async function runSuite(suite) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-test-'));
  const outputFile = join(folder, 'results.json');
  try {
    const code = await inFront([
      'node',
      ...jest,
      '--selectProjects',
      suite,
      '--json',
      '--outputFile',
      outputFile,
    ]);
    return judge(code, JSON.parse(readFileSync(outputFile, 'utf8')));
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, note: `jest produced no results: ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A skipped test must state the reason in its name, as "… (skipped: needs a sandbox)"; otherwise it counts as failed. */
function judge(code, report) {
  const tests = report.testResults.flatMap((file) => file.assertionResults);
  const idle = tests.filter(({ status }) => status !== 'passed' && status !== 'failed');
  const silent = idle.filter(({ fullName }) => !/\(skipped: .+\)/.test(fullName));
  const brokenFiles = report.numRuntimeErrorTestSuites;
  const failed = report.numFailedTests + brokenFiles + silent.length;
  const notes = [
    brokenFiles > 0 && `${brokenFiles} file(s) did not run`,
    silent.length > 0 && `skipped without a reason: ${silent.map(({ fullName }) => fullName).join('; ')}`,
    tests.length === 0 && brokenFiles === 0 && 'no test ran',
  ].filter(Boolean);
  const alsoFailed = failed === 0 && (code !== 0 || tests.length === 0) ? 1 : 0;
  if (alsoFailed && notes.length === 0) notes.push(`jest ended with ${code}`);
  return {
    passed: report.numPassedTests,
    failed: failed + alsoFailed,
    skipped: idle.length - silent.length,
    note: notes.join(', '),
  };
}
