import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { chromiumPath, installChromium, root } from '@isthmus/testing/servers';

const folder = join(root, 'apps/console');
const report = join(folder, 'dist-test/results.json');

/** The console in a browser, in front of the whole platform. Every test counts; one that passes only when repeated has failed. */
export async function browser(runStep) {
  rmSync(report, { force: true });
  try {
    const missing = await installChromium();
    if (missing) throw new Error(`${missing}; set CHROMIUM_BIN to its path`);
    const code = await runStep(['node', 'node_modules/@playwright/test/cli.js', 'test', '--config', folder], {
      CHROMIUM_BIN: chromiumPath(),
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
