import { askContracts, eventContracts, workContracts } from '@isthmus/contracts';
import { glob, readFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Who says, who hears: the contracts, joined with where the services name them. */
export async function eventMap(root) {
  const uses = await usesOf(root);
  const named = (verb, contract) =>
    uses.filter((use) => use.verb === verb && use.contract === contract.type.name);
  const lines = [
    '# Who says, who hears',
    '',
    'Written by `npm run generate` from `libs/contracts` and the services. Do not edit.',
    '',
    '## Events',
    '',
    '| event | what it says | said by | about a | heard by |',
    '| --- | --- | --- | --- | --- |',
    ...eventContracts().map((contract) =>
      row(
        `\`${contract.subject}\``,
        contract.summary,
        contract.producer,
        contract.aggregate,
        links(named('On', contract)),
      ),
    ),
    '',
    ...hearersOfAll(uses),
    '',
    '## Asks',
    '',
    '| ask | what for | answered by | asked by |',
    '| --- | --- | --- | --- |',
    ...askContracts().map((contract) =>
      row(
        `\`${contract.subject}\``,
        contract.summary,
        links(named('Answers', contract), contract.service),
        links(named('ask', contract)),
      ),
    ),
    '',
    '## Work',
    '',
    '| work | what it is | taken by |',
    '| --- | --- | --- |',
    ...workContracts().map((contract) =>
      row(`\`${contract.subject}\``, contract.summary, links(named('consume', contract), contract.service)),
    ),
    '',
  ];
  return { 'events.md': lines.join('\n') };
}

/** `@On(X)`, `@Answers(X)`, `.ask(X`, `.consume(X` and, given to syncWorker, `due: X`, wherever a service's source has them. */
const shape = /(?:@(On|Answers)\(|\.(ask|consume)\(|\b(due): )\s*([A-Z]\w+)/g;

/** A service that goes through the contracts themselves, `On(contract.type)`, names none of them. */
const everyContract = Symbol('every contract');
const hearersOfAll = (uses) =>
  uses
    .filter(({ contract }) => contract === everyContract)
    .map((use) => `Every event is heard by ${links([use])} as well.`);

async function usesOf(root) {
  const sources = [];
  for await (const file of glob('{apps,libs}/*/src/**/*.ts', { cwd: root })) {
    if (/\.spec\.ts$|\/testbed\/|^apps\/e2e\//.test(file)) continue;
    sources.push({ file, source: await readFile(join(root, file), 'utf8') });
  }
  const uses = [];
  for (const { file, source } of sources) {
    if (/\bOn\(contract\.type\)/.test(source))
      uses.push({ verb: 'On', contract: everyContract, file, service: file.split('/')[1] });
    for (const [, decorator, call, due, contract] of source.matchAll(shape)) {
      for (const service of servicesThatUse(file, source, sources)) {
        uses.push({ verb: decorator ?? call ?? (due && 'consume'), contract, file, service });
      }
    }
  }
  return uses.toSorted((a, b) => (a.file + a.service < b.file + b.service ? -1 : 1));
}

/** A file of a service is that service's; a class in a library is its whose source names it, or else all that import the library. */
function servicesThatUse(file, source, sources) {
  const [kind, project] = file.split('/');
  if (kind === 'apps') return [project];
  const users = (word) =>
    sources
      .filter((other) => other.file.startsWith('apps/') && other.source.includes(word))
      .map((other) => other.file.split('/')[1]);
  const named = users(/export class (\w+)/.exec(source)?.[1] ?? `@isthmus/${project}`);
  return [...new Set(named.length ? named : users(`'@isthmus/${project}'`))];
}

const links = (uses, otherwise = '–') =>
  uses.map(({ service, file }) => `[${service}](../../${file})`).join(', ') || otherwise;

const row = (...cells) => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
