import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';

const root = join(import.meta.dirname, '../../..');
const tracked = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const paths = new Set(tracked.flatMap((file) => [file, ...parents(file)]));
const documents = tracked.filter((file) => file.endsWith('.md') && !file.startsWith('docs/generated/'));

function parents(file: string): string[] {
  const parent = dirname(file);
  return parent === '.' ? [] : [parent, ...parents(parent)];
}

/** What a pattern finds in a document and `exists` does not know, as `document: name`. */
const missingIn = (document: string, pattern: RegExp, exists: (name: string) => boolean) =>
  [...readFileSync(join(root, document), 'utf8').matchAll(pattern)]
    .map(([, name = '']) => name)
    .filter((name) => !exists(name))
    .map((name) => `${document}: ${name}`);

it('links lead to files and folders that exist', () => {
  const missing = documents.flatMap((document) =>
    missingIn(document, /\]\((?!https?:)([^)#]+)/g, (target) =>
      paths.has(normalize(join(dirname(document), target)).replace(/\/$/, '')),
    ),
  );
  expect(missing).toEqual([]);
});

it('source files are named by a path, or the end of one, that exists', () => {
  // Decisions name the files of their time.
  const current = documents.filter((document) => !document.startsWith('docs/decisions/'));
  const missing = current.flatMap((document) =>
    missingIn(document, /(?<![\w./*…-])([\w-][\w./-]*\.(?:ts|mts|mjs))\b/g, (name) =>
      tracked.some((file) => file === name || file.endsWith(`/${name}`)),
    ),
  );
  expect(missing).toEqual([]);
});
