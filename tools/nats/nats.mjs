// Keys and configuration of a nats-server. `npm run nats` prints what it can do.
import { natsConfig, natsProgram, operator, programKeyFile } from '@isthmus/testing/servers';
import { chmod, glob, mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { paths } from '../start/local-folder.mjs';
import { createConsumers } from '../start/program-consumers.mjs';

const usage = `npm run nats -- keys                          keys of all services, and nats.conf for them
npm run nats -- program <tenant> <name>       a key for a program of one tenant, and nats.conf
npm run nats -- consumers <tenant> <name>     the program's consumers, on the server at NATS_URL
npm run nats -- kubernetes                    the same keys and nats.conf as Secrets, for kubectl apply -f -
npm run nats -- config                        nats.conf alone, after an upgrade

  --folder <folder>   of the keys; ${paths.natsKeys} unless given. Whoever can read it can be any service.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { folder: { type: 'string', default: paths.natsKeys } },
});
const [command, tenant, program] = positionals;
const folder = resolve(values.folder);

const commands = {
  keys: write,
  config: write,
  async program() {
    const { name, inboxPrefix, domain } = known();
    await write([{ tenant, program }]);
    console.log(`  key of ${name}: ${programKeyFile(folder, tenant, program)}
  inbox prefix of its connection: ${inboxPrefix}
  domain of its JetStream client: ${domain}
Reload the server (nats-server --signal reload), then create its consumers: npm run nats -- consumers ${tenant} ${program}`);
  },
  async consumers() {
    known();
    const servers = process.env.NATS_URL ?? 'nats://127.0.0.1:4222';
    await createConsumers(servers, folder, { tenant, program }, { waitMs: 10_000 });
    console.log(`The consumers of ${program} of tenant ${tenant} are there.`);
  },
  async kubernetes() {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const secrets = [secret('nats-config', { 'nats.conf': await natsConfig(folder) })];
    // The operator's stays here: nothing in the cluster needs it.
    for await (const file of glob('*.nk', { cwd: folder, exclude: [`${operator}.nk`] }))
      secrets.push(
        secret(`nats-key-${basename(file, '.nk')}`, { seed: await readFile(join(folder, file), 'utf8') }),
      );
    console.log(secrets.join('---\n'));
  },
};

if (!Object.hasOwn(commands, command)) {
  console.error(usage);
  process.exitCode = command ? 1 : 0;
} else await commands[command]();

function known() {
  if (!tenant || !program) throw new Error(`Name a tenant and a program.\n\n${usage}`);
  return natsProgram(tenant, program);
}

async function write(programs) {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
  const file = join(folder, 'nats.conf');
  await writeFile(file, await natsConfig(folder, { programs }), { mode: 0o600 });
  console.log(`Keys are in ${folder}, the server's configuration is ${file}.`);
}

function secret(name, data) {
  const lines = Object.entries(data).map(
    ([key, value]) => `  ${key}: ${Buffer.from(value).toString('base64')}`,
  );
  return `apiVersion: v1\nkind: Secret\nmetadata:\n  name: ${name}\ntype: Opaque\ndata:\n${lines.join('\n')}\n`;
}
