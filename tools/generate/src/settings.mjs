import 'reflect-metadata';
import { glob, readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const shared = ['libs/service-kit/src/config.ts', 'libs/sync-engine/src/sync-worker.ts'];

/** Every environment variable of every service: what it is for, its default, what it may be. */
export async function settings(root) {
  const own = await Array.fromAsync(glob('apps/*/src/*config.ts', { cwd: root }));
  const chapters = [];
  for (const file of [...shared, ...own.sort()])
    chapters.push(...(await chapterOf(root, file.replaceAll('\\', '/'))));
  const lines = [
    '# Settings',
    '',
    'Written by `npm run generate` from the classes that check the environment at start. Do not edit.',
    '',
    'A service reads its own chapter and those it builds on. What has no default must be set; a start with bad settings names all of them at once.',
    ...chapters.flat(),
  ];
  return { 'settings.md': `${lines.join('\n')}\n` };
}

async function chapterOf(root, file) {
  const source = ts.createSourceFile(
    file,
    await readFile(join(root, file), 'utf8'),
    ts.ScriptTarget.Latest,
    true,
  );
  const classes = source.statements.filter((node) => ts.isClassDeclaration(node) && baseOf(node));
  if (classes.length === 0) return [];
  const built = await import(
    pathToFileURL(join(root, file.replace('/src/', '/dist/').replace(/\.ts$/, '.js')))
  );
  return classes.map((node) => {
    const name = node.name.text;
    const defaults = new built[name]();
    const base = baseOf(node);
    return [
      '',
      `## ${titleOf(file)}`,
      '',
      ...(base === 'none' ? [] : [`\`${name}\`, with everything of \`${base}\`.`, '']),
      '| variable | what for | default | may be |',
      '| --- | --- | --- | --- |',
      ...node.members.filter(ts.isPropertyDeclaration).map((member) => rowOf(member, defaults)),
    ];
  });
}

/** The class it builds on; `none` for the class that all others build on; nothing for other classes. */
function baseOf(node) {
  const base = node.heritageClauses?.[0]?.types[0]?.expression.getText();
  if (base?.endsWith('Env')) return base;
  return node.name?.text === 'ServiceEnv' ? 'none' : undefined;
}

function titleOf(file) {
  if (file === shared[0]) return 'Every service (ServiceEnv)';
  if (file === shared[1]) return 'Every process that syncs (SyncWorkerEnv)';
  const service = file.split('/')[1];
  const role = basename(file, '.ts').replace(/\.?config$/, '');
  return role ? `${service}, ${role}` : service;
}

function rowOf(member, defaults) {
  const name = member.name.getText();
  const why = ts
    .getJSDocCommentsAndTags(member)
    .map(({ comment }) => (typeof comment === 'string' ? comment : ts.getTextOfJSDocComment(comment)))
    .join(' ');
  if (!why)
    throw new Error(
      `${name} in ${member.getSourceFile().fileName} has no docstring that says what it is for.`,
    );
  const value = defaults[name];
  const fallback = value === undefined ? (member.questionToken ? 'not set' : '**needed**') : code(value);
  return row(code(name), why, fallback, rangeOf(member));
}

/** What the validators say, in words. */
function rangeOf(member) {
  const rules = Object.fromEntries(
    (ts.getDecorators(member) ?? [])
      .map(({ expression }) => expression)
      .filter(ts.isCallExpression)
      .map((call) => [call.expression.getText(), call.arguments.map((argument) => argument.getText())]),
  );
  if (rules.IsIn) return code(rules.IsIn[0].replace(/^\[|\]$/g, '').replaceAll("'", ''));
  if (rules.Matches) return code(rules.Matches[0]);
  const kind = rules.IsInt
    ? 'a whole number'
    : rules.IsNumber
      ? 'a number'
      : rules.IsUrl
        ? 'an address'
        : 'text';
  const limit = (rule, word) => (rules[rule] ? `${word} ${rules[rule][0].replaceAll('_', ' ')}` : undefined);
  return [kind, limit('Min', 'from'), limit('Max', 'to')].filter(Boolean).join(' ');
}

const code = (value) => `\`${String(value === '' ? '""' : value)}\``;
const row = (...cells) =>
  `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
