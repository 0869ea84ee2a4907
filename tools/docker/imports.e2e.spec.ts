import { readFileSync } from 'node:fs';
import { builtinModules, createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';
import { system } from '../start/system.mjs';

const root = join(import.meta.dirname, '../..');
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
  packages: Record<string, { dev?: boolean; devOptional?: boolean; optional?: boolean } | undefined>;
};
const builtin = new Set(builtinModules.flatMap((name) => [name, `node:${name}`]));

/** `@scope/name` of `@scope/name/sub/path`. */
const packageOf = (specifier: string) =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/');

/** Every package that a compiled program imports, by itself or by a library of ours, and the file that does. */
function importsOf(program: string): Map<string, string> {
  const found = new Map<string, string>();
  const seen = new Set<string>();
  const queue = [join(root, program)];
  for (let file = queue.pop(); file; file = queue.pop()) {
    if (seen.has(file)) continue;
    seen.add(file);
    const text = readFileSync(file, 'utf8');
    for (const { fileName: specifier } of ts.preProcessFile(text, true, true).importedFiles) {
      if (builtin.has(specifier)) continue;
      if (specifier.startsWith('.')) queue.push(join(dirname(file), specifier));
      else if (specifier.startsWith('@isthmus/'))
        queue.push(createRequire(pathToFileURL(file)).resolve(specifier));
      else found.set(packageOf(specifier), file.slice(root.length + 1));
    }
  }
  return found;
}

it.each(system)('$name imports no package that the image is built without', ({ run }) => {
  const imports = importsOf(run.replace('/dist/', '/dist/compiled/'));
  expect(imports.size).toBeGreaterThan(0);
  const missing = [...imports].filter(([name]) => {
    const locked = lock.packages[`node_modules/${name}`];
    return !locked || locked.dev || locked.optional || locked.devOptional;
  });
  expect(missing).toEqual([]);
});
