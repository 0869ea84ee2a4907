import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n');

interface Requirement {
  id: string;
  /** Chapter, section and requirement, as numbers. */
  place: number[];
  level: string;
  state: string;
  proof: string;
}

const document = readFileSync(join(root, 'docs/security-asvs.md'), 'utf8');
const requirements = document.split('\n').flatMap((line): Requirement[] => {
  const [, id = '', level = '', , state = '', proof = ''] = line.split('|').map((cell) => cell.trim());
  const place = /^v5\.0\.0-(\d+)\.(\d+)\.(\d+)$/.exec(id)?.slice(1).map(Number);
  return place ? [{ id, place, level, state, proof }] : [];
});

/** How many requirements of levels 1 and 2 each chapter of the standard has. */
const inStandard = [27, 11, 19, 10, 9, 35, 18, 7, 7, 29, 14, 9, 13, 9, 13, 16, 7];

const stated = (state: string): number => requirements.filter((one) => one.state === state).length;
const referenced = /`[^`]+\.(ts|mjs|yaml)`|\]\(|\.dockerignore|`docs\//;

it('has every requirement of levels 1 and 2 once, in the order of the standard', () => {
  const chapters = inStandard.map((_, at) => requirements.filter(({ place }) => place[0] === at + 1).length);
  expect(chapters).toEqual(inStandard);
  expect(requirements.every(({ level }) => ['1', '2'].includes(level))).toBe(true);
  const sorted = requirements.toSorted(
    ({ place: one }, { place: other }) => one[0]! - other[0]! || one[1]! - other[1]! || one[2]! - other[2]!,
  );
  expect(requirements.map(({ id }) => id)).toEqual(sorted.map(({ id }) => id));
  expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length);
});

it('says of each whether it is met, and why not; at least 95 of 100 that apply refer to a test or a file', () => {
  const states = ['met', 'partly', '**not met**', '–'];
  expect(requirements.filter(({ state, proof }) => !states.includes(state) || proof === '')).toEqual([]);
  expect(requirements.filter(({ state, proof }) => state === 'met' && !referenced.test(proof))).toEqual([]);
  const applicable = requirements.filter(({ state }) => state !== '–');
  const withReference = applicable.filter(({ proof }) => referenced.test(proof));
  expect(withReference.length / applicable.length).toBeGreaterThanOrEqual(0.95);
});

it('names files that exist, each by the end of one path only', () => {
  const wrong = requirements.flatMap(({ id, proof }) =>
    [...proof.matchAll(/`([\w./-]+\.(?:ts|mjs|yaml))`/g)].flatMap(([, name = '']) => {
      const found = tracked.filter((file) => file === name || file.endsWith(`/${name}`));
      return found.length === 1 ? [] : [`${id}: ${name} is ${found.length} files`];
    }),
  );
  expect(wrong).toEqual([]);
});

it('counts right', () => {
  expect(document).toContain(`All ${requirements.length} requirements`);
  expect(document).toContain(
    `${stated('met')} are met, ${stated('partly')} partly, ${stated('**not met**')} not met; ${stated('–')} do not apply`,
  );
});
