// `npm run generate` writes what the code already knows into docs/generated; with `--check` it only reports what is stale.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { asyncApi } from './asyncapi.mjs';
import { eventMap } from './event-map.mjs';
import { openApi } from './openapi.mjs';
import { settings } from './settings.mjs';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'docs/generated');

/** Each returns its files: name below docs/generated → content. */
const generators = [asyncApi, eventMap, openApi, settings];

const check = process.argv.includes('--check');
const stale = [];
for (const generate of generators) {
  for (const [name, content] of Object.entries(await generate(root))) {
    const file = join(folder, name);
    const present = await readFile(file, 'utf8').catch(() => undefined);
    if (present === content) continue;
    stale.push(relative(root, file));
    if (check) continue;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, content);
  }
}

for (const file of stale) console.log(`${check ? 'stale' : 'written'}: ${file}`);
if (check && stale.length > 0) {
  console.error('Run `npm run generate` and commit the result.');
  process.exitCode = 1;
}
