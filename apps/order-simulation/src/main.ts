import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { bugs, describeAudit } from './bugs/bugs.ts';
import { enoughUnaided, replayScenario, runScenarios } from './run-scenarios.ts';
import { ThreadPool } from './thread-pool.ts';

/**
 * `--seeds N` runs N scenarios, `--seed S` begins at S (alone: replays that one step by step), `--audit` plants each bug and
 * expects the checker to catch it within 2000 seeds, or `--audit-seeds`. Both may be asked for. `--threads` is how many
 * work at once, all cores unless told. `--report FILE` writes `{"passed", "failed", "notes"}`. The exit code tells
 * whether all went well.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    audit: { type: 'boolean', default: false },
    'audit-seeds': { type: 'string', default: '2000' },
    threads: { type: 'string', default: String(availableParallelism()) },
    report: { type: 'string' },
  },
});
const print = (line: string) => process.stdout.write(`${line}\n`);
const seed = Number(values.seed ?? 1);
const report = { passed: 0, failed: 0, notes: [] as string[] };
const record = (well: boolean, note: string) => {
  if (well) return (report.passed += 1);
  report.notes.push(note);
  return (report.failed += 1);
};

if (values.seed !== undefined && values.seeds === undefined && !values.audit) {
  const { violations } = await replayScenario(seed, print);
  record(violations.length === 0, `seed ${seed} violates a rule`);
} else {
  const pool = new ThreadPool(Number(values.threads));
  if (values.seeds !== undefined || !values.audit) {
    const seeds = Number(values.seeds ?? 1_000);
    const sum = await runScenarios(seed, seeds, print, (first, count) => pool.run(first, count));
    const bad = [...new Set(sum.violations.map((violation) => violation.seed))];
    record(bad.length === 0, `rules violated by seed ${bad.slice(0, 5).join(', ')}`);
    record(enoughUnaided(sum), 'less than 99 % ended unaided');
  }
  if (values.audit)
    await Promise.all(
      bugs.map(async ({ name }) => {
        const result = await pool.audit(name, seed, Number(values['audit-seeds']));
        record(result.violation !== null, `${name} was not noticed`);
        print(describeAudit(result));
      }),
    );
  await pool.end();
}
if (values.report) writeFileSync(values.report, JSON.stringify(report));
// Stopped workers and their timers are still there; nothing of them matters any more.
process.exit(report.failed === 0 ? 0 : 1);
