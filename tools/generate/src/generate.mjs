// `npm run generate` writes what the code already knows into docs/generated, and the routes to all APIs into k8s; with `--check` it only reports what is stale.
import { execFile } from 'node:child_process';
import { access, glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { asyncApi } from './asyncapi.mjs';
import { documentedEvents } from './documented-events.mjs';
import { eventMap } from './event-map.mjs';
import { gatewayRoutes } from './gateway-routes.mjs';
import { natsUsers } from './nats-permissions.mjs';
import { routes } from './routes.mjs';
import { sdk } from './sdk.mjs';
import { settings } from './settings.mjs';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const folder = join(root, 'docs/generated');

/** Each returns its files: name below docs/generated → content. */
const generators = [
  asyncApi,
  documentedEvents,
  eventMap,
  natsUsers,
  apiAndSdk,
  gatewayRoutes,
  settings,
  routes,
];

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

/** The SDK's types are those of the documents just made. */
async function apiAndSdk(root) {
  const documents = await openApi(root);
  return { ...documents, ...(await sdk(root, documents)) };
}

/** The services' HTTP APIs: each built service prints its own document, which needs neither a database nor NATS. */
async function openApi(root) {
  const documents = {};
  for (const service of await servicesOf(root)) {
    const main = join(root, 'apps', service, 'dist/main.js');
    await access(main).catch((cause) => {
      throw new Error(`${service} is not built. Run \`npm run build\` first.`, { cause });
    });
    const { stdout } = await run(process.execPath, [main, 'openapi'], { maxBuffer: 64 * 1024 * 1024 });
    documents[`openapi/${service}.json`] = stdout;
  }
  return documents;
}

/** Those whose main program is started by the kit. */
async function servicesOf(root) {
  const services = [];
  for await (const main of glob('apps/*/src/main.ts', { cwd: root })) {
    const text = await readFile(join(root, main), 'utf8');
    if (/\bvoid start\(/.test(text)) services.push(basename(dirname(dirname(main))));
  }
  return services.toSorted();
}
