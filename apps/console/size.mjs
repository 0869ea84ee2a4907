// `node apps/console/size.mjs [--list]` after a build: how much a browser loads, from Vite's manifest. Fails beyond the limits.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';

/** In kB, gzip. */
export const limits = { shell: 140, firstLoad: 240, later: 60 };

/** Not in the shell, but loaded with it, whatever the page. */
const always = ['src/shell/top-bar.tsx', 'src/shell/theme-light.ts', 'src/parts/show/waiting.tsx'];

/**
 * @typedef {{file: string, isEntry?: boolean, isDynamicEntry?: boolean, imports?: string[], dynamicImports?: string[], css?: string[], name?: string}} Chunk
 * @param {Record<string, Chunk>} manifest
 * @param {(file: string) => number} bytesOf gzipped
 * @returns {{shell: number, pages: {page: string, firstLoad: number}[], later: {file: string, own: number}[], problems: string[]}} in
 *   kB: what is drawn first; all that a page loads until it stands; and what a click on a page loads beside that
 */
export function sizesOf(manifest, bytesOf) {
  const kB = (files) => [...files].reduce((sum, file) => sum + bytesOf(file), 0) / 1000;
  const entry = Object.keys(manifest).find((key) => manifest[key].isEntry);
  if (!entry) throw new Error('The manifest names no entry.');
  const shellFiles = filesOf(entry);
  const base = new Set(
    [entry, ...always.filter((key) => key in manifest)].flatMap((key) => [...filesOf(key)]),
  );
  const isPage = (key) => /\/pages\/[^/]+\/[^/]*-page\.tsx$/.test(key);
  const dynamic = Object.keys(manifest).filter((key) => manifest[key].isDynamicEntry);
  const loaded = new Map(dynamic.filter(isPage).map((page) => [page, new Set([...base, ...filesOf(page)])]));
  const pages = [...loaded].map(([page, files]) => ({ page, firstLoad: kB(files) }));
  const later = dynamic
    .filter((key) => !isPage(key) && !always.includes(key))
    .map((key) => {
      // Its own page has loaded most; what every page uses, all of them.
      const [folder] = /^src\/pages\/[^/]+\//.exec(key) ?? [];
      const before = [...loaded]
        .filter(([page]) => !folder || page.startsWith(folder))
        .map(([, files]) => files);
      const mine = [...filesOf(key)];
      return {
        file: key,
        own: Math.max(0, ...before.map((files) => kB(mine.filter((file) => !files.has(file))))),
      };
    });
  const shell = kB(shellFiles);
  const problems = [
    ...(shell > limits.shell ? [`The shell has ${shell.toFixed(1)} kB, ${limits.shell} at most.`] : []),
    ...pages
      .filter(({ firstLoad }) => firstLoad > limits.firstLoad)
      .map(
        ({ page, firstLoad }) =>
          `The first load of ${page} has ${firstLoad.toFixed(1)} kB, ${limits.firstLoad} at most.`,
      ),
    ...later
      .filter(({ own }) => own > limits.later)
      .map(
        ({ file, own }) =>
          `${file} adds ${own.toFixed(1)} kB, ${limits.later} at most: load a part of it when it is needed.`,
      ),
    ...(pages.length === 0
      ? ['The manifest names no page: is src/pages/<page>/<page>-page.tsx loaded by its route?']
      : []),
  ];
  return { shell, pages, later, problems };

  /** A chunk and all that it needs before it runs. */
  function filesOf(key, found = new Set()) {
    const { file, imports = [], css = [] } = manifest[key];
    if (found.has(file)) return found;
    found.add(file);
    for (const one of css) found.add(one);
    for (const one of imports) filesOf(one, found);
    return found;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const dist = join(import.meta.dirname, 'dist');
  const manifest = JSON.parse(readFileSync(join(dist, '.vite/manifest.json'), 'utf8'));
  const sizes = new Map();
  const { shell, pages, later, problems } = sizesOf(manifest, (file) => {
    if (!sizes.has(file)) sizes.set(file, gzipSync(readFileSync(join(dist, file))).length);
    return sizes.get(file);
  });
  const say = (line) => process.stdout.write(`${line}\n`);
  const row = (name, value, most) =>
    say(`${name.padEnd(60)} ${value.toFixed(1).padStart(7)} kB   <= ${most}`);
  row('shell', shell, limits.shell);
  if (process.argv.includes('--list') || problems.length > 0) {
    for (const { page, firstLoad } of pages) row(page, firstLoad, limits.firstLoad);
    for (const { file, own } of later) row(file, own, limits.later);
  } else {
    row(
      'largest first load of a page',
      Math.max(...pages.map(({ firstLoad }) => firstLoad)),
      limits.firstLoad,
    );
    row('largest later chunk', Math.max(0, ...later.map(({ own }) => own)), limits.later);
  }
  for (const problem of problems) process.stderr.write(`${problem}\n`);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
