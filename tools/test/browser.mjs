import { execFile } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '@isthmus/testing/servers';

const run = promisify(execFile);
const folder = join(root, 'apps/console');
const report = join(folder, 'dist-test/results.json');

/** Debian's chromium and its fonts: browsers that Playwright would download come from addresses that are not the registry's. */
async function chromium() {
  const chosen = process.env.CHROMIUM ?? '/usr/bin/chromium';
  if (existsSync(chosen)) return chosen;
  const packages = ['chromium', 'fonts-dejavu-core'];
  try {
    await run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages]);
    return chosen;
  } catch (cause) {
    throw new Error(
      `chromium is missing: apt-get install ${packages.join(' ')}, or set CHROMIUM to its path.`,
      {
        cause,
      },
    );
  }
}

/** The console in a browser, in front of the whole platform. Every test counts; one that passes only when repeated has failed. */
export async function browser(runStep) {
  rmSync(report, { force: true });
  try {
    const path = await chromium();
    const code = await runStep(['node', 'node_modules/@playwright/test/cli.js', 'test', '--config', folder], {
      CHROMIUM: path,
    });
    return judge(code, JSON.parse(readFileSync(report, 'utf8')));
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, note: `the browser produced no results: ${error.message}` };
  }
}

/**
 * @param {number} code
 * @param {{stats: {expected: number, unexpected: number, flaky: number, skipped: number}, errors: unknown[]}} report
 */
export function judge(code, { stats: { expected, unexpected, flaky, skipped }, errors }) {
  const failed = unexpected + flaky + skipped + errors.length;
  const silent = failed === 0 && (code !== 0 || expected === 0) ? 1 : 0;
  const notes = [
    flaky > 0 && `${flaky} passed only when repeated`,
    skipped > 0 && `${skipped} did not run`,
    silent > 0 && (expected === 0 ? 'no test ran' : `playwright ended with ${code}`),
  ].filter(Boolean);
  return { passed: expected, failed: failed + silent, skipped: 0, note: notes.join(', ') };
}
