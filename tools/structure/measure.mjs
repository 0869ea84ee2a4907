// How the code is cut: `node tools/structure/measure.mjs [folder of a checkout] [--list]`. Prints one figure per line, and what misses its goal.
// Works on any commit of this repository, so that one can be set beside another.
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { findCycles } from './cycles.mjs';
import { importsOf } from './imports.mjs';

const root = resolve(process.argv.slice(2).find((word) => !word.startsWith('--')) ?? '.');
const listed = execFileSync(
  'git',
  ['-C', root, 'ls-files', '-co', '--exclude-standard', 'apps', 'libs', 'tools', 'examples'],
  {
    encoding: 'utf8',
  },
);
const code = listed
  .split('\n')
  .filter(
    (file) =>
      /\.(ts|tsx|mjs)$/.test(file) && !/\.d\.ts$|\/generated\//.test(file) && existsSync(join(root, file)),
  );
const isTest = (file) => /\.spec\.ts$|\.fixture\.ts$|^apps\/[^/]+\/test\//.test(file);
const texts = new Map(code.map((file) => [file, readFileSync(join(root, file), 'utf8')]));
const sources = code.filter((file) => !isTest(file));
const linesOf = (file) => texts.get(file).replace(/\n$/, '').split('\n').length;

const imports = new Map(code.map((file) => [file, importsOf(file, texts.get(file))]));
/** The file that a relative import means; what a package's door re-exports is not followed. */
const targets = (file) =>
  imports.get(file).list.flatMap(({ specifier }) => {
    if (!specifier.startsWith('.')) return [];
    const target = join(dirname(file), specifier);
    return texts.has(target) ? [target] : [];
  });
const importers = Map.groupBy(
  sources.flatMap((from) => [...new Set(targets(from))].map((to) => ({ from, to }))),
  ({ to }) => to,
);

const sizes = sources.map(linesOf).sort((a, b) => a - b);
const at = (share) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))];
const all = sizes.reduce((sum, size) => sum + size, 0);
const importLines = sources.reduce((sum, file) => sum + imports.get(file).lines, 0);

const entryPoint =
  /\/(main|worker|index|config|start|service)\.(ts|mjs)$|\.(module|options|config)\.ts$|\/migration|\/contracts\/src\//;
const small = sources.filter((file) => linesOf(file) < 40 && !entryPoint.test(file));
const crumbs = small.filter((file) => importers.get(file)?.length === 1 && sameFolder(file));
function sameFolder(file) {
  return dirname(importers.get(file)[0].from) === dirname(file);
}
const folders = Map.groupBy(
  sources.filter((file) => !/migration/.test(file)),
  dirname,
);
const crowded = [...folders].filter(([, files]) => files.length > 12);
const long = sources.filter((file) => linesOf(file) > 400);
const cycles = findCycles(new Map(sources.map((file) => [file, targets(file)])));

/** A class of a table that no statement names: neither by the ORM nor by a query typed from it. */
const entities = sources
  .filter((file) => file.startsWith('apps/') || file.startsWith('libs/'))
  .flatMap((file) =>
    [
      ...texts
        .get(file)
        .matchAll(/^export (?:class|const) (\w+)(?: extends \w+\.class\b|[^\n]*= defineEntity\()/gm),
    ].map(([, name]) => ({ file, name })),
  );
const unused = entities.filter(({ name }) => {
  const used = new RegExp(
    `\\.(?:find|count|create|insert|upsert|native|assign|getReference|qb)\\w*\\(\\s*${name}\\b|\\bnew ${name}\\(|\\bInfer\\w+<[^;]*?\\b${name}\\b`,
  );
  return !sources.some((file) => used.test(texts.get(file)));
});
/** A loop that pauses between its rounds and goes on after failures, outside of tests and of the simulated world. */
const loops = sources.filter(
  (file) =>
    /^(apps|libs)\//.test(file) &&
    !/\/simulation\/|^apps\/(order-simulation|cmp-simulator|e2e)\/|^libs\/testing\//.test(file) &&
    /\b(while \(|for \(;;|for await )/.test(texts.get(file)) &&
    /await [^;\n]*\b(sleep|pause|wait|delay|nudge|idle)\w*[(.]/i.test(texts.get(file)) &&
    /\bcatch\b/.test(texts.get(file)),
);

const row = (name, value, goal, ok) =>
  process.stdout.write(`${name.padEnd(46)} ${String(value).padStart(8)}   ${goal}${ok ? '' : '   missed'}\n`);
row('source files', sources.length, '<= 600', sources.length <= 600);
row('lines', all, '', true);
row('lines per file, median', at(0.5), '80 to 200', at(0.5) >= 80 && at(0.5) <= 200);
row('lines per file, nine of ten', at(0.9), '', true);
row(
  'share of lines that import, %',
  ((importLines / all) * 100).toFixed(1),
  '<= 6',
  importLines / all <= 0.06,
);
row('small files with one importer, same folder', crumbs.length, '0', crumbs.length === 0);
row('files over 400 lines', long.length, '', true);
row('folders with more than twelve files', crowded.length, '0', crowded.length === 0);
row('import cycles', cycles.length, '0', cycles.length === 0);
row('entities', entities.length, '', true);
row('entities no statement uses', unused.length, '0', unused.length === 0);
row('retry loops written by hand', loops.length, '1', loops.length <= 1);

if (process.argv.includes('--list')) {
  const list = (title, lines) =>
    process.stdout.write(`\n${title}\n${lines.map((line) => `  ${line}\n`).join('')}`);
  list('Small files with one importer', crumbs);
  list(
    'Folders with more than twelve files',
    crowded.map(([folder, files]) => `${folder}: ${files.length}`),
  );
  list(
    'Files over 400 lines',
    long.map((file) => `${file}: ${linesOf(file)}`),
  );
  list(
    'Cycles',
    cycles.map((files) => files.join(' ⇄ ')),
  );
  list(
    'Entities no statement uses',
    unused.map(({ file, name }) => `${name} (${file})`),
  );
  list('Retry loops', loops);
}
