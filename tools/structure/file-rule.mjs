// The file rule of CONTRIBUTING.md, for `measure.mjs` and for the spec in tools/boundaries that holds the repository to it.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import ts from 'typescript';

const mostLines = 400;
/** With a reason on top: a protocol or a life cycle. */
const mostLinesWithReason = 600;
const fewestLines = 40;
const mostFiles = 12;

const reason = /^\/\* eslint max-lines: \["error", \d+\] -- \S.* \*\//;
const entryPoint =
  /\/(main|worker|index|config|start|service)\.(ts|mjs)$|\.(module|options|config)\.ts$|\/migration|\/contracts\/src\//;
const isTest = (file) => /\.spec\.ts$|\.fixture\.ts$|^apps\/[^/]+\/test\//.test(file);

/**
 * The code of a checkout.
 * @param {string} root
 * @returns {Map<string, string>} path from the root → text
 */
export function readCode(root) {
  const texts = new Map();
  const visit = (folder) => {
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (!/^(node_modules|dist|generated|coverage|\..+)$/.test(entry.name)) visit(path);
      } else if (/\.(ts|tsx|mjs)$/.test(entry.name) && !/\.d\.m?ts$/.test(entry.name))
        texts.set(relative(root, path), readFileSync(path, 'utf8'));
    }
  };
  for (const folder of ['apps', 'libs', 'tools', 'examples']) visit(join(root, folder));
  return new Map([...texts].sort(([one], [other]) => (one < other ? -1 : 1)));
}

/**
 * How code is cut. Specs and fixtures are not counted; what a package's door re-exports is not followed.
 * @param {ReadonlyMap<string, string>} texts path → text
 */
export function structureOf(texts) {
  const files = [...texts.keys()].filter((file) => !isTest(file));
  const lines = new Map(files.map((file) => [file, texts.get(file).replace(/\n$/, '').split('\n').length]));
  const imports = new Map(files.map((file) => [file, importsOf(file, texts.get(file))]));
  const graph = new Map(
    files.map((file) => {
      const targets = imports.get(file).specifiers.map((specifier) => join(dirname(file), specifier));
      return [file, [...new Set(targets)].filter((target) => lines.has(target))];
    }),
  );
  const importers = new Map(files.map((file) => [file, []]));
  for (const [file, targets] of graph) for (const target of targets) importers.get(target).push(file);
  const folders = new Map();
  for (const file of files.filter((one) => !/migration/.test(one)))
    folders.set(dirname(file), [...(folders.get(dirname(file)) ?? []), file]);

  return {
    files,
    lines,
    importLines: [...imports.values()].reduce((sum, one) => sum + one.lines, 0),
    /** Small files whose only importer lies beside them. What a package's door offers, others import. */
    crumbs: files.flatMap((file) => {
      const [importer, ...others] = importers.get(file);
      const beside = importer && dirname(importer) === dirname(file) && !/\/index\.(ts|mjs)$/.test(importer);
      const alone = beside && others.length === 0;
      return alone && lines.get(file) < fewestLines && !entryPoint.test(file) ? [{ file, importer }] : [];
    }),
    crowded: [...folders]
      .filter(([, inside]) => inside.length > mostFiles)
      .map(([folder, inside]) => ({ folder, count: inside.length })),
    long: files.filter((file) => lines.get(file) > mostLines),
    cycles: findCycles(graph),
    reasoned: new Set(files.filter((file) => reason.test(texts.get(file)))),
  };
}

/**
 * What breaks the rule, each with what to do.
 * @param {ReturnType<typeof structureOf>} structure
 * @returns {{path: string, message: string}[]}
 */
export function violationsOf({ lines, crumbs, crowded, long, cycles, reasoned }) {
  return [
    ...long
      .filter((file) => !reasoned.has(file) || lines.get(file) > mostLinesWithReason)
      .map((file) => ({
        path: file,
        message:
          `${file} has ${lines.get(file)} lines, ${mostLines} at most: split it by ideas. A protocol or a life cycle may have ` +
          `${mostLinesWithReason}, with \`/* eslint max-lines: ["error", ${mostLinesWithReason}] -- why it is one */\` as its first line.`,
      })),
    ...crowded.map(({ folder, count }) => ({
      path: folder,
      message: `${folder} has ${count} source files, ${mostFiles} at most: join files that are one idea, or give a part of them a folder.`,
    })),
    ...crumbs.map(({ file, importer }) => ({
      path: file,
      message: `${file} has ${lines.get(file)} lines and is imported by ${importer} alone: move what it holds there.`,
    })),
    ...cycles.map((group) => ({
      path: group[0],
      message: `${group.join(' ⇄ ')} import each other: join them, or move what both need into a file that imports neither.`,
    })),
  ];
}

/** What a file imports from files beside it, types too, and how many of its lines all its imports take. */
function importsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const line = (position) => source.getLineAndCharacterOfPosition(position).line;
  const specifiers = [];
  let lines = 0;
  for (const statement of source.statements) {
    const from =
      (ts.isImportDeclaration(statement) || ts.isExportDeclaration(statement)) && statement.moduleSpecifier;
    if (!from) continue;
    if (from.text.startsWith('.')) specifiers.push(from.text);
    if (ts.isImportDeclaration(statement)) lines += line(statement.getEnd()) - line(statement.getStart()) + 1;
  }
  return { specifiers, lines };
}

/**
 * The groups of files that import each other, directly or over others.
 * @param {ReadonlyMap<string, readonly string[]>} graph what each file imports
 * @returns {string[][]}
 */
function findCycles(graph) {
  const groups = [];
  const found = new Map();
  const stack = [];
  const onStack = new Set();
  for (const file of graph.keys()) if (!found.has(file)) visit(file);
  return groups;

  // Tarjan's strongly connected components.
  function visit(file) {
    const index = found.size;
    found.set(file, index);
    let lowest = index;
    stack.push(file);
    onStack.add(file);
    for (const next of graph.get(file) ?? []) {
      if (!found.has(next)) lowest = Math.min(lowest, visit(next));
      else if (onStack.has(next)) lowest = Math.min(lowest, found.get(next));
    }
    if (lowest < index) return lowest;
    const group = stack.splice(stack.indexOf(file));
    for (const one of group) onStack.delete(one);
    if (group.length > 1 || graph.get(file)?.includes(file)) groups.push(group);
    return lowest;
  }
}
