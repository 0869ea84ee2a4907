// The supply step of `npm test`: what is installed comes whole from the registry, may run what was reviewed, and may be used.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** Licences that ask for no more than to be named. */
const licences = new Set([
  '0BSD',
  'Apache-2.0',
  'BlueOak-1.0.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'CC0-1.0',
  'ISC',
  'MIT',
  'Python-2.0',
  'Unlicense',
]);
/** Licences of tools that only build and test: they ask that changed files of the tool itself be shown. */
const licencesOfTools = new Set(['MPL-2.0']);
/** Packages whose licence the lock file does not know, or knows as another one; each was looked at. */
const reviewed = new Set([
  'buildcheck', // MIT, as its LICENSE says; only builds cpu-features, which is not built
  'caniuse-lite', // CC-BY-4.0: data, named in its own files; development only
  'cpu-features', // MIT, likewise
  'ssh2', // MIT, likewise; testcontainers only
]);
const mostDirect = 50;

/**
 * @typedef {{version?: string, resolved?: string, integrity?: string, license?: string, link?: boolean, dev?: boolean, hasInstallScript?: boolean} & Manifest} Locked
 * @typedef {{dependencies?: Record<string, string>, devDependencies?: Record<string, string>, optionalDependencies?: Record<string, string>,
 *   allowScripts?: Record<string, boolean>}} Manifest
 */

/**
 * What is wrong with a lock file, given the package.json it belongs to.
 * @param {{packages: Record<string, Locked>}} lock
 * @param {Manifest} manifest
 * @returns {string[]}
 */
export function lockProblems({ packages }, manifest) {
  const problems = [];
  const installed = Object.entries(packages).filter(
    ([path, { link }]) => /(^|\/)node_modules\//.test(path) && !link,
  );
  for (const [path, { version, resolved, integrity, license, dev, hasInstallScript }] of installed) {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length);
    // Our lock file leaves the address out, so that any mirror will do: then it is the registry's of that version.
    if (resolved === undefined ? !version : !resolved.startsWith('https://registry.npmjs.org/'))
      problems.push(`${path} comes from ${resolved ?? 'nowhere'}, not from the registry`);
    if (!/^sha512-/.test(integrity ?? '')) problems.push(`${path} has no sha512 integrity`);
    if (!isAllowed(license) && !(dev && licencesOfTools.has(license ?? '')) && !reviewed.has(name))
      problems.push(`${path} has the licence ${license ?? 'none'}, which is not on the list`);
    if (hasInstallScript && !isCovered(name, manifest.allowScripts ?? {}))
      problems.push(`${path} has an install script that allowScripts neither allows nor denies`);
  }
  // What a project of the workspace has for itself is in its own package.json, which the lock file repeats.
  const projects = Object.entries(packages).filter(
    ([path]) => path !== '' && !/(^|\/)node_modules\//.test(path),
  );
  for (const [, one] of [['', manifest], ...projects])
    for (const [name, version] of Object.entries({
      ...one.dependencies,
      ...one.devDependencies,
      ...one.optionalDependencies,
    }))
      if (!/^(npm:(@[\w.-]+\/)?[\w.-]+@)?\d+\.\d+\.\d+([-+][\w.-]+)?$/.test(version))
        problems.push(`${name} is asked for as ${version}, not as one exact version of the registry`);
  const direct = new Set(
    [manifest, ...projects.map(([, one]) => one)]
      .flatMap((one) => Object.keys(one.dependencies ?? {}))
      .filter((name) => !name.startsWith('@isthmus/')),
  ).size;
  if (direct > mostDirect) problems.push(`${direct} direct dependencies are more than ${mostDirect}`);
  return problems;
}

/** An SPDX expression: every part of an AND, one of an OR. */
function isAllowed(expression = '') {
  const plain = expression.replace(/[()]/g, '');
  return plain
    .split(' AND ')
    .every((part) => part.split(' OR ').some((licence) => licences.has(licence.trim())));
}

/** What npm is asked to be strict about, with the least that it may be set to. */
const strictSettings = {
  'strict-allow-scripts': (value) => value === 'true',
  'min-release-age': (value) => Number(value) >= 7,
};

/**
 * What is wrong with `.npmrc`: it is what keeps scripts that nobody reviewed, and versions of yesterday, from being installed.
 * @param {string} text
 * @returns {string[]}
 */
export function npmrcProblems(text) {
  const settings = new Map(
    text
      .split('\n')
      .filter((line) => /^[^;#]*=/.test(line))
      .map((line) => [line.slice(0, line.indexOf('=')).trim(), line.slice(line.indexOf('=') + 1).trim()]),
  );
  return Object.entries(strictSettings)
    .filter(([name, isStrict]) => !isStrict(settings.get(name)))
    .map(([name]) => `.npmrc has ${name}=${settings.get(name) ?? ''}, which is not strict enough`);
}

const isCovered = (name, allowed) =>
  Object.keys(allowed).some((entry) => entry === name || entry.startsWith(`${name}@`));

/** Reads what npm says; npm is run by the step's runner, as every other program. */
async function npmSays(hearing, args) {
  let said = '';
  const code = await hearing((chunk) => (said += String(chunk)))(['npm', ...args]);
  return { code, said };
}

/**
 * Checks the lock file and `.npmrc`, writes the bill of materials (`.local/sbom.json`, CycloneDX), and asks the registry for known
 * vulnerabilities where it answers that.
 * @param {(hear: (said: Buffer | string) => unknown) => (command: string[]) => Promise<number>} hearing
 * @returns the step
 */
export const supply = (hearing) => async () => {
  const read = (file) => JSON.parse(readFileSync(join(root, file), 'utf8'));
  const notes = [
    ...lockProblems(read('package-lock.json'), read('package.json')),
    ...npmrcProblems(readFileSync(join(root, '.npmrc'), 'utf8')),
  ];
  let failed = notes.length > 0 ? 1 : 0;

  // All of it: `--omit dev` also leaves out what a development tool happens to use as well.
  const bill = await npmSays(hearing, ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']);
  const components = bill.code === 0 ? JSON.parse(bill.said.slice(bill.said.indexOf('{'))).components : [];
  const missing = Object.keys(read('package.json').dependencies).filter(
    (name) => !components.some((one) => `${one.group ? `${one.group}/` : ''}${one.name}` === name),
  );
  mkdirSync(join(root, '.local'), { recursive: true });
  if (bill.code === 0) writeFileSync(join(root, '.local', 'sbom.json'), bill.said);
  if (bill.code !== 0 || missing.length > 0) {
    failed += 1;
    notes.push(`npm sbom ended with ${bill.code}; not in it: ${missing.join(', ') || 'nothing'}`);
  }

  const audit = await npmSays(hearing, ['audit', '--omit=dev', '--audit-level=high', '--json']);
  const offered = audit.said.includes('"vulnerabilities"');
  if (offered && audit.code !== 0) {
    failed += 1;
    notes.push('npm audit knows of vulnerabilities; npm audit shows them');
  }
  if (!offered) notes.push('the registry offers no audit');
  const checks = offered ? 3 : 2;
  return { passed: checks - failed, failed, skipped: 0, note: notes.slice(0, 5).join('; ') };
};
