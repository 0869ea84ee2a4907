import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { root } from '../../libs/testing/servers/processes.mjs';

// `node tools/prepare/bundle.mjs [folder of an app …]`: their programs; without a folder, those of the one that it is run in.

const modules = join(root, 'node_modules');

/**
 * Joins the compiled modules of an app's programs, and of the packages that they use, into few files: `dist/<program>.js` and
 * `dist/chunk-*.js`. Finding, reading and linking three thousand modules was two thirds of the time in which a service starts.
 *
 * The programs are those that package.json names, by their paths below `src`. Nothing happens when they are newer than all that
 * they are made of.
 * @param {string} folder of the app
 */
export async function bundle(folder) {
  const { programs = [] } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
  const input = Object.fromEntries(
    programs.map((path) => [basename(path), join(folder, 'dist/compiled', `${path}.js`)]),
  );
  const dist = join(folder, 'dist');
  const made = Object.keys(input).map((name) => join(dist, `${name}.js`));
  if (
    made.length === 0 ||
    isNewer(made, [
      join(dist, 'compiled'),
      ...compiledLibs(),
      join(root, 'package-lock.json'),
      import.meta.filename,
    ])
  )
    return;

  const { rolldown } = await import('rolldown');
  const build = await rolldown({
    input,
    cwd: root,
    platform: 'node',
    preserveEntrySignatures: 'allow-extension',
    plugins: [ownSourceMaps, notInstalled],
    // How long our plugins take says something about the machine, and nothing about what is built.
    checks: { bundlerTimings: false },
    onLog: (level, log) => {
      if (level === 'warn' && !expected.has(log.code)) throw new Error(log.message);
    },
  });
  try {
    const { output } = await build.write({
      dir: dist,
      format: 'esm',
      entryFileNames: '[name].js',
      // Beside the programs: what code finds by its own address is found from here as well.
      chunkFileNames: 'chunk-[name]-[hash].js',
      // Migrations, problems and classes of the API are known by their names.
      keepNames: true,
      // Blanks and comments are nearly half of what is read. Names stay as they are.
      minify: { compress: false, mangle: false },
      sourcemap: true,
    });
    // Only now, and in place: a program that starts meanwhile finds all it needs.
    const written = new Set(output.map(({ fileName }) => fileName));
    for (const name of readdirSync(dist))
      if (/\.js(\.map)?$/.test(name) && !written.has(name)) rmSync(join(dist, name));
  } finally {
    await build.close();
  }
}

/** What packages do, and we do not mend. */
const expected = new Set([
  'EVAL',
  'COMMONJS_VARIABLE_IN_ESM',
  'INEFFECTIVE_DYNAMIC_IMPORT',
  'CIRCULAR_DEPENDENCY',
]);

/** Lines in stack traces are those of our sources. Packages have none: their maps would be most of what is read for a trace. */
const ownSourceMaps = {
  name: 'own-source-maps',
  load(id) {
    const map = `${id}.map`;
    if (id.startsWith(modules) || !existsSync(map)) return null;
    return { code: readFileSync(id, 'utf8'), map: JSON.parse(readFileSync(map, 'utf8')) };
  },
  transform: {
    filter: { id: /\/node_modules\// },
    handler: (code) => ({ code, map: { mappings: '' } }),
  },
};

/** What a package would use if it were installed stays an import, which that package expects to fail. Our own code has none. */
const notInstalled = {
  name: 'not-installed',
  async resolveId(specifier, importer, options) {
    if (!importer?.startsWith(modules) || /^[./]/.test(specifier)) return null;
    const found = await this.resolve(specifier, importer, { ...options, skipSelf: true });
    return found ?? { id: specifier, external: true };
  },
};

const compiledLibs = () =>
  readdirSync(join(root, 'libs'))
    .map((lib) => join(root, 'libs', lib, 'dist'))
    .filter((folder) => existsSync(folder));

const isNewer = (files, than) =>
  files.every((file) => existsSync(file)) &&
  Math.min(...files.map((file) => statSync(file).mtimeMs)) > Math.max(...than.map(newest));

/** When the newest file in a folder was written. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(0, ...readdirSync(path).map((name) => newest(join(path, name))));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folders = process.argv.slice(2);
  for (const folder of folders.length > 0 ? folders : [process.cwd()]) await bundle(folder);
}
