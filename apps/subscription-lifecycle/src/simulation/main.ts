import { parseArgs } from 'node:util';
import { audit } from './audit.ts';
import { simulate } from './simulate.ts';

/**
 * `--seeds N` plays N stories, `--seed S` begins at S (alone: plays that one and tells it), `--audit` plants each bug and
 * expects the checker to catch it within `--seeds` (2000 unless told). The exit code tells whether all went well.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    audit: { type: 'boolean', default: false },
  },
});
const number = (text: string | undefined, otherwise: number): number =>
  text === undefined ? otherwise : Number(text);
const say = (line: string) => process.stdout.write(`${line}\n`);
const seed = number(values.seed, 1);
let well = true;

if (values.audit) {
  for await (const { bug, after, seed: found, violation } of audit(seed, number(values.seeds, 2_000))) {
    well &&= violation !== null;
    say(
      `${violation ? 'caught' : 'MISSED'}  ${bug.name.padEnd(22)} ${violation ? `after ${after}, seed ${found}: ${violation.rule}` : `in ${after} seeds`}`,
    );
  }
} else {
  const single = values.seed !== undefined && values.seeds === undefined;
  well = await simulate(seed, single ? 1 : number(values.seeds, 1_000), say, single);
}
// Stopped workers and their naps are still there; nothing of them matters any more.
process.exit(well ? 0 : 1);
