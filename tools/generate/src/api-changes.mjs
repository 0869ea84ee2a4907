// Compares the API documents with those last released (docs/generated/released-api): a change that breaks clients fails,
// unless docs/api-changes.md names it. `--release` makes the present documents the released ones.
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compareOpenApi } from 'api-smart-diff';

/**
 * What breaks clients of a document, as sentences that name the place: in `components` where the place is shared.
 * @param {object} before @param {object} after
 * @returns {string[]}
 */
export function breakingChanges(before, after) {
  const { diffs } = compareOpenApi(comparable(before), comparable(after));
  const found = diffs
    .filter(({ path, type, action }) => path[0] === 'paths' && breaks(path, type, action))
    .map(
      ({ path, action }) =>
        `${words[action] ?? action} \`${placeOf(path, action === 'add' ? after : before)}\``,
    );
  return [...new Set(found)].sort();
}

const words = { add: 'added', remove: 'removed', replace: 'changed', rename: 'renamed' };

/**
 * The library knows what a request may do. Of responses it lets types become others, so there only what is added beside the
 * rest passes: fields and statuses.
 */
function breaks(path, type, action) {
  if (path.at(-1) === 'x-isthmus-role') return true;
  if (type === 'annotation') return false;
  const response = path.indexOf('responses');
  if (response < 0) return type === 'breaking';
  const [status, ...inside] = path.slice(response + 1);
  if (!/^2/.test(status)) return false;
  if (action !== 'add') return true;
  const place = inside.findLast((part) => typeof part === 'string' && !/^\d+$/.test(part));
  return inside.length > 0 && ['enum', 'anyOf', 'oneOf', 'type'].includes(place);
}

/** Where the changed part is written: behind the last reference on the way to it, with names instead of positions. */
function placeOf(path, document) {
  let place = [];
  let at = document;
  for (const part of path) {
    while (at?.$ref) {
      place = at.$ref.slice(2).split('/');
      at = place.reduce((part, name) => part?.[name], document);
    }
    const [parent] = place.slice(-1);
    at = at?.[part];
    place.push(parent === 'parameters' ? at.name : parent === 'required' || parent === 'enum' ? at : part);
  }
  const [root, ...inside] = place;
  if (root === 'components') return inside.slice(1).join('/');
  const [route, method, ...rest] = inside;
  return [`${(method ?? '').toUpperCase()} ${route}`.trim(), ...rest].join(' ');
}

/** Without what is only for people, and what operators and not clients call. */
function comparable(document) {
  const paths = Object.entries(document.paths).filter(([path]) => !/^\/(healthz|metrics)/.test(path));
  return prune({ ...document, servers: [], paths: Object.fromEntries(paths) });
}

const forPeople = new Set(['description', 'summary', 'title', 'examples', 'tags']);

function prune(part, named = false) {
  if (Array.isArray(part)) return part.map((one) => prune(one));
  if (typeof part !== 'object' || part === null) return part;
  const members = Object.entries(part).filter(([name]) => named || !forPeople.has(name));
  return Object.fromEntries(members.map(([name, member]) => [name, prune(member, name === 'properties')]));
}

/** The breaking changes that a file of changes names: `- <service>: <what> \`place\``, and a reason if it likes. */
export const namedChanges = (text) =>
  [...text.matchAll(/^- ([a-z-]+: \w+ `[^`]+`)/gm)].map(([, change]) => change);

async function main(root, release) {
  const current = join(root, 'docs/generated/openapi');
  const released = join(root, 'docs/generated/released-api');
  const services = (await readdir(current)).filter((name) => name.endsWith('.json'));
  const read = async (folder, name) => JSON.parse(await readFile(join(folder, name), 'utf8'));
  if (release) {
    await mkdir(released, { recursive: true });
    for (const name of services)
      await writeFile(join(released, name), `${JSON.stringify(comparable(await read(current, name)))}\n`);
    return [];
  }
  const changes = [];
  for (const name of await readdir(released)) {
    const after = services.includes(name)
      ? await read(current, name)
      : { openapi: '3.1.0', info: {}, paths: {} };
    for (const change of breakingChanges(await read(released, name), after))
      changes.push(`${name.replace('.json', '')}: ${change}`);
  }
  const named = namedChanges(await readFile(join(root, 'docs/api-changes.md'), 'utf8'));
  return [
    ...changes.filter((one) => !named.includes(one)).map((one) => `breaks clients and is not named: ${one}`),
    ...named.filter((one) => !changes.includes(one)).map((one) => `is named and has not happened: ${one}`),
  ];
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const root = fileURLToPath(new URL('../../..', import.meta.url));
  const wrong = await main(root, process.argv.includes('--release'));
  for (const one of wrong) console.error(one);
  if (wrong.length > 0) {
    console.error('Keep the API as it was, or name the change in docs/api-changes.md with the reason.');
    process.exitCode = 1;
  }
}
