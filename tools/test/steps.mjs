import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath, installChromium, root } from '@isthmus/testing/servers';

const bin = join(root, 'node_modules', '.bin');

/**
 * What runs programs, the checkout's own first, and answers their exit codes, or 1 when one ended otherwise.
 * @param {(said: Buffer | string) => unknown} [hear] takes what they say; in front of the user without it
 */
export const runner =
  (hear) =>
  async ([program, ...args], env = {}) => {
    const path = `${bin}:${process.env.PATH}`;
    const quiet = { NX_TUI: 'false', NX_DAEMON: 'false', npm_config_loglevel: 'silent' };
    const child = spawn(program, args, {
      cwd: root,
      stdio: hear ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...quiet, PATH: path, ...env },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', hear);
    return new Promise((resolve) => {
      child.once('close', (code) => resolve(code ?? 1));
      child.once('error', (error) => {
        (hear ?? ((said) => process.stdout.write(said)))(`${program} could not be run: ${error.message}\n`);
        resolve(1);
      });
    });
  };

/**
 * A step that counts as one test: passed when every program exits with 0.
 * @param {string[][]} commands one after the other, until one fails
 * @param {string} [mend] what to do when it fails
 */
export const commandStep =
  (commands, mend = 'see above') =>
  async (run) => {
    for (const command of commands)
      if ((await run(command)) !== 0) return { passed: 0, failed: 1, skipped: 0, note: mend };
    return { passed: 1, failed: 0, skipped: 0, note: '' };
  };

/** With two workers, int took 597 s on two cores and computed for 875 s: there is room for a third. */
const workers = { int: ['--maxWorkers', '3'] };

/** One step per suite: `*.<suite>.spec.ts`. A suite in which no test ran has failed: nothing was checked. */
export const jestSteps = (suites) =>
  Object.fromEntries(suites.map((suite) => [suite, (run) => runSuite(suite, run)]));

async function runSuite(suite, run) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-test-'));
  const outputFile = join(folder, 'results.json');
  try {
    const code = await run([
      'node',
      'node_modules/jest/bin/jest.js',
      '--selectProjects',
      suite,
      ...(workers[suite] ?? []),
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

/**
 * A program that writes its results to a file. It has an end, as something that hangs would keep everything else waiting.
 * @param {string} name
 * @param {string} program
 * @param {number} minutes
 */
const reportingStep = (name, program, minutes) => async (run) => {
  const folder = mkdtempSync(join(tmpdir(), `isthmus-${name}-`));
  const report = join(folder, 'report.json');
  try {
    const code = await run([
      ...['timeout', '--signal=TERM', String(minutes * 60)],
      ...['node', program, '--report', report],
    ]);
    if (code === 124)
      return { passed: 0, failed: 1, skipped: 0, note: `${name} took longer than ${minutes} minutes` };
    return JSON.parse(readFileSync(report, 'utf8'));
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, note: `${name} produced no results: ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** Builds the image and runs the composition, where podman is installed; skipped, with the reason, where it is not. */
export const containers = reportingStep('containers', 'tools/docker/lane/containers.mjs', 20);

/** Runs the last release on this one's schema, where the checkout has the history; skipped, with the reason, where it has not. */
export const upgrade = reportingStep('upgrade', 'tools/upgrade/upgrade.mjs', 15);

/** As many as a planted bug has to be noticed in; more by `npm run simulate -- --seeds 10000 --audit`. */
const seeds = '2000';
const program = 'apps/order-simulation/dist/main.js';

/**
 * Plays the stories of ordering and plants every bug, on all cores. Counts as one check that no rule was violated, one
 * that enough orders ended unaided, and one for each bug that had to be noticed.
 */
export async function simulation(run) {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-simulation-'));
  const report = join(folder, 'report.json');
  try {
    if ((await run(['node', 'tools/prepare.mjs'])) !== 0)
      return { passed: 0, failed: 1, skipped: 0, note: 'order-simulation does not build' };
    const code = await run(['node', program, '--seeds', seeds, '--audit', '--report', report]);
    const { passed, failed, notes } = JSON.parse(readFileSync(report, 'utf8'));
    const silent = code !== 0 && failed === 0 ? 1 : 0;
    return { passed, failed: failed + silent, skipped: 0, note: notes.join(', ') };
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, note: `the simulation produced no results: ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const consoleFolder = join(root, 'apps/console');
const browserReport = join(consoleFolder, 'dist-test/results.json');

/**
 * The console in a browser, in front of the whole platform. Every test counts; one that passes only when repeated has failed.
 * @param {string[]} names of test files; all without one
 */
export const browserStep = (names) => async (runStep) => {
  rmSync(browserReport, { force: true });
  try {
    const missing = await installChromium();
    if (missing) throw new Error(`${missing}; set CHROMIUM_BIN to its path`);
    const code = await runStep(
      ['node', 'node_modules/@playwright/test/cli.js', 'test', '--config', consoleFolder, ...names],
      { CHROMIUM_BIN: chromiumPath() },
    );
    return judgeBrowser(code, JSON.parse(readFileSync(browserReport, 'utf8')));
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, note: `the browser produced no results: ${error.message}` };
  }
};

/**
 * @param {number} code
 * @param {{stats: {expected: number, unexpected: number, flaky: number, skipped: number}, errors: unknown[]}} report
 */
export function judgeBrowser(code, { stats: { expected, unexpected, flaky, skipped }, errors }) {
  const failed = unexpected + flaky + skipped + errors.length;
  const silent = failed === 0 && (code !== 0 || expected === 0) ? 1 : 0;
  const notes = [
    flaky > 0 && `${flaky} passed only when repeated`,
    skipped > 0 && `${skipped} did not run`,
    silent > 0 && (expected === 0 ? 'no test ran' : `playwright ended with ${code}`),
  ].filter(Boolean);
  return { passed: expected, failed: failed + silent, skipped: 0, note: notes.join(', ') };
}
