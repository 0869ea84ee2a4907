import { execFile } from 'node:child_process';
import { access, glob, readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The services' HTTP APIs: each built service prints its own document, which needs neither a database nor NATS. */
export async function openApi(root) {
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
    if (text.includes("from '@isthmus/service-kit'")) services.push(basename(dirname(dirname(main))));
  }
  return services.toSorted();
}
