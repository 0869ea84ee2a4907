import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { lockProblems, npmrcProblems } from './supply.mjs';

const root = join(import.meta.dirname, '../..');
const read = (file: string) => JSON.parse(readFileSync(join(root, file), 'utf8'));

const good = {
  version: '1.0.0',
  resolved: 'https://registry.npmjs.org/a/-/a-1.0.0.tgz' as string | undefined,
  integrity: 'sha512-AAAA',
  license: 'MIT',
};
const problemsWith = (change: object, manifest: object = {}) =>
  lockProblems({ packages: { '': {}, 'node_modules/a': { ...good, ...change } } }, manifest);

it('finds nothing wrong with the lock file of this repository', () => {
  expect(lockProblems(read('package-lock.json'), read('package.json'))).toEqual([]);
});

it.each([
  ['from a git repository', { resolved: 'git+ssh://git@github.com/a/a.git#abc' }],
  ['from an address', { resolved: 'https://elsewhere.example/a-1.0.0.tgz' }],
  [
    'from another registry that looks like ours',
    { resolved: 'https://registry.npmjs.org.evil.example/a.tgz' },
  ],
  ['from nowhere', { resolved: undefined, version: undefined }],
  ['without integrity', { integrity: undefined }],
  ['with a weak integrity', { integrity: 'sha1-AAAA' }],
  ['without a licence', { license: undefined }],
  ['with a licence that asks for more', { license: 'AGPL-3.0-only' }],
  ['with one of two that asks for more', { license: 'MIT AND GPL-3.0-only' }],
  ['that runs, with a licence that only a tool may have', { license: 'MPL-2.0' }],
  ['of tools, with a licence that asks for more', { license: 'GPL-3.0-only', dev: true }],
  ['with an install script that nobody looked at', { hasInstallScript: true }],
])('a package %s is a problem', (_, change) => {
  expect(problemsWith(change)).toHaveLength(1);
});

it.each([
  ['an address that is left out', { resolved: undefined }, {}],
  ['a choice of licences', { license: '(GPL-2.0-only OR MIT)' }, {}],
  ['an install script that is allowed', { hasInstallScript: true }, { allowScripts: { 'a@1.0.0': true } }],
  ['a licence of a tool', { license: 'MPL-2.0', dev: true }, {}],
  ['an install script that is denied', { hasInstallScript: true }, { allowScripts: { a: false } }],
  [
    'a package of the workspace',
    { resolved: 'libs/a', integrity: undefined, license: undefined, link: true },
    {},
  ],
])('%s is none', (_, change, manifest) => {
  expect(problemsWith(change, manifest)).toEqual([]);
});

it.each([
  '^1.0.0',
  '~1.0.0',
  'latest',
  '*',
  '>=1',
  'github:a/a',
  'git+https://a.example/a.git',
  'file:../a',
  '1.x',
])('a dependency on %s is a problem', (version) => {
  for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies']) {
    expect(problemsWith({}, { [kind]: { a: version } })).toHaveLength(1);
    expect(lockProblems({ packages: { '': {}, 'apps/a': { [kind]: { a: version } } } }, {})).toHaveLength(1);
  }
});

it('more direct dependencies than anyone can watch are a problem', () => {
  const many = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, '1.0.0']));
  expect(problemsWith({}, { dependencies: many(50) })).toEqual([]);
  expect(problemsWith({}, { dependencies: many(51) })).toHaveLength(1);
  const withProject = (own: object) =>
    lockProblems({ packages: { '': {}, 'apps/a': own } }, { dependencies: many(50) });
  expect(withProject({ dependencies: { '@isthmus/sdk': '0.1.0' }, devDependencies: { b: '1.0.0' } })).toEqual(
    [],
  );
  expect(withProject({ dependencies: { b: '1.0.0' } })).toHaveLength(1);
});

const npmrc = readFileSync(join(root, '.npmrc'), 'utf8');

it('finds nothing wrong with .npmrc', () => {
  expect(npmrcProblems(npmrc)).toEqual([]);
});

it.each<[string, (text: string) => string]>([
  ['without the strict scripts', (text) => text.replace(/^strict-allow-scripts.*$/m, '')],
  [
    'with scripts that are not strict',
    (text) => text.replace('strict-allow-scripts=true', 'strict-allow-scripts=false'),
  ],
  [
    'with the strict scripts commented out',
    (text) => text.replace('strict-allow-scripts', '; strict-allow-scripts'),
  ],
  ['that takes it back further down', (text) => `${text}\nstrict-allow-scripts = false\n`],
  ['without an age', (text) => text.replace(/^min-release-age.*$/m, '')],
  ['with an age of six days', (text) => text.replace('min-release-age=7', 'min-release-age=6')],
  ['with an age that is no number', (text) => text.replace('min-release-age=7', 'min-release-age=week')],
])('an .npmrc %s is a problem', (_, change) => {
  expect(change(npmrc)).not.toBe(npmrc);
  expect(npmrcProblems(change(npmrc))).toHaveLength(1);
});

it('an empty .npmrc has both problems, and a longer age none', () => {
  expect(npmrcProblems('')).toHaveLength(2);
  expect(npmrcProblems(npmrc.replace('min-release-age=7', 'min-release-age=30'))).toEqual([]);
});
