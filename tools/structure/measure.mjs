// How the code is cut: `node tools/structure/measure.mjs [folder of a checkout] [--list]`. Prints one figure per line, and what misses its goal.
// Works on any commit of this repository, so that one can be set beside another.
import { resolve } from 'node:path';
import ts from 'typescript';
import { readCode, structureOf } from './file-rule.mjs';

const root = resolve(process.argv.slice(2).find((word) => !word.startsWith('--')) ?? '.');
const texts = readCode(root);
const { files: sources, lines, importLines, crumbs, crowded, long, cycles } = structureOf(texts);

const sizes = [...lines.values()].sort((a, b) => a - b);
const at = (share) => sizes[Math.min(sizes.length - 1, Math.floor(sizes.length * share))];
const all = sizes.reduce((sum, size) => sum + size, 0);

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
    `\\.(?:find|count|create|insert|upsert|native|assign|getReference|qb)\\w*\\(\\s*${name}\\b|\\bnew ${name}\\(|\\bInfer\\w+<[^;]*?\\b${name}\\b|\\b(?:queryBuilder|statementsOf)<[^;>]*?\\b${name}\\b`,
  );
  return !sources.some((file) => used.test(texts.get(file)));
});
const pausing = /^await [^;\n]*\b(sleep|pause|wait|delay|nudge|idle)\w*[(.]/i;
/** One that counts its tries has an end: it is part of a protocol, such as a call that is sent at most four times. */
const isEndless = (node) =>
  ts.isIterationStatement(node, false) && !(ts.isForStatement(node) && node.incrementor);

/** Loops that retry, outside of tests and of the simulated world; the one there should be is RetryLoop's. */
const loops = sources.filter(
  (file) =>
    /^(apps|libs)\//.test(file) &&
    !/\/simulation\/|^apps\/(order-simulation|cmp-simulator|e2e)\/|^libs\/testing\//.test(file) &&
    hasRetryLoop(file, texts.get(file)),
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
  const list = (title, entries) =>
    process.stdout.write(`\n${title}\n${entries.map((entry) => `  ${entry}\n`).join('')}`);
  list(
    'Small files with one importer',
    crumbs.map(({ file }) => file),
  );
  list(
    'Folders with more than twelve files',
    crowded.map(({ folder, count }) => `${folder}: ${count}`),
  );
  list(
    'Files over 400 lines',
    long.map((file) => `${file}: ${lines.get(file)}`),
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

/**
 * Whether a file has a loop that pauses between its rounds and goes on after failures: it catches them, or calls a function of
 * this file that does. A loop that ends with its first failure is none.
 */
export function hasRetryLoop(file, text) {
  if (!/\bcatch\b/.test(text)) return false;
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const textOf = (node) => node.getText(source);
  const nodes = [];
  const visit = (node) => {
    nodes.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  const catches = (node) => /\bcatch\b/.test(textOf(node));
  const catching = nodes
    .filter((node) => ts.isFunctionLike(node) && node.body && node.name && catches(node.body))
    .map((node) => `${textOf(node.name)}(`);
  const pauses = nodes.filter((node) => ts.isAwaitExpression(node) && pausing.test(textOf(node)));
  return nodes.some(
    (loop) =>
      isEndless(loop) &&
      pauses.some(({ pos, end }) => pos >= loop.pos && end <= loop.end) &&
      (catches(loop) || catching.some((call) => textOf(loop).includes(call))),
  );
}
