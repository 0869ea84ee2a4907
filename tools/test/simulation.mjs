import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inFront } from './command-step.mjs';

const seeds = '10000';
const program = 'apps/order-simulation/dist/main.js';

/**
 * Plays the stories of ordering and plants every bug, on all cores. Counts as one check that no rule was violated, one
 * that enough orders ended unaided, and one for each bug that had to be noticed.
 */
export async function simulation() {
  const folder = mkdtempSync(join(tmpdir(), 'isthmus-simulation-'));
  const report = join(folder, 'report.json');
  try {
    if ((await inFront(['nx', 'build', 'order-simulation'])) !== 0)
      return { passed: 0, failed: 1, skipped: 0, note: 'order-simulation does not build' };
    const code = await inFront(['node', program, '--seeds', seeds, '--audit', '--report', report]);
    const { passed, failed, notes } = JSON.parse(readFileSync(report, 'utf8'));
    const silent = code !== 0 && failed === 0 ? 1 : 0;
    return { passed, failed: failed + silent, skipped: 0, note: notes.join(', ') };
  } catch (error) {
    return { passed: 0, failed: 1, skipped: 0, note: `the simulation produced no results: ${error.message}` };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
