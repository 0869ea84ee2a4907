import { execFile } from 'node:child_process';
import { chmodSync, chownSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, root } from '@isthmus/testing/servers';
import { parse } from 'yaml';
import { localPrograms } from '../../start/local-keys.mjs';
import { createConsumers } from '../../start/program-consumers.mjs';
import { natsCredentials } from '../../start/stack-file.mjs';
import { simulatorName, system } from '../../start/system.mjs';

const run = promisify(execFile);

/** The programs of docker-compose.yml, with the name of the setting that is the port of each. */
const published = system.filter(({ name }) => name !== 'account-sync-worker');
const variable = (name) => `${name.toUpperCase().replaceAll('-', '_')}_PORT`;

/**
 * docker-compose.yml, by Compose v2 against the engine's API: under ports that are free, with those of NATS too, for the demo.
 * @param {{folder: string, podman: (args: string[]) => Promise<string>}} engine
 * @param {string} host address of the engine's API
 */
export async function composition({ folder, podman }, host) {
  const unpacked = join(folder, 'compose');
  await run(join(root, 'tools/cluster/unpack-debian.sh'), [unpacked, 'trixie', 'docker-compose']);
  const compose = join(unpacked, 'usr/libexec/docker/cli-plugins/docker-compose');
  const ports = Object.fromEntries(
    await Promise.all(
      [...published.map(({ name }) => name), 'nats', 'sign-in'].map(async (name) => [name, await freePort()]),
    ),
  );
  const more = join(folder, 'more.yml');
  writeFileSync(more, `services:\n  nats:\n    ports: ['127.0.0.1:${ports.nats}:4222']\n`);
  const keys = await natsKeys(join(folder, 'nats-keys'));
  const env = {
    ...process.env,
    DOCKER_HOST: host,
    NATS_KEYS: keys,
    SIGN_IN_PORT: String(ports['sign-in']),
    ...Object.fromEntries(published.map(({ name }) => [variable(name), String(ports[name])])),
  };
  // The name server keeps what it knows of a network, by its name, when somebody ended a lane that could not clean up.
  const project = `isthmus-${process.pid}`;
  const container = (service) => `${project}-${service}-1`;
  const call = (args) =>
    run(compose, ['-f', join(root, 'docker-compose.yml'), '-f', more, '-p', project, ...args], {
      cwd: root,
      env,
      maxBuffer: 64 * 1024 * 1024,
    });

  return {
    services: Object.keys(
      parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }).services,
    ),
    up: () => call(['up', '--detach', '--no-build', '--pull', 'never', '--wait', '--wait-timeout', '400']),
    logs: async () => (await call(['logs', '--no-color', '--tail', '40'])).stdout,
    container,
    /** What `npm start` writes into .local/stack.json, of this composition. */
    async stack() {
      const { stdout } = await call(['run', '--rm', '--no-deps', '-T', 'identity']);
      const at = (name) => `http://127.0.0.1:${ports[name]}`;
      const nats = `nats://127.0.0.1:${ports.nats}`;
      for (const program of localPrograms) await createConsumers(nats, keys, program);
      return {
        services: Object.fromEntries(
          published.filter(({ name }) => name !== simulatorName).map(({ name }) => [name, at(name)]),
        ),
        nats,
        natsCredentials: natsCredentials(keys),
        tokens: JSON.parse(stdout.slice(stdout.indexOf('{'))).tokens,
        simulator: {
          url: at(simulatorName),
          // As services reach it, and as we do.
          apiUrl: 'http://cmp-simulator:8080/marketplace/na',
          control: `${at(simulatorName)}/_control`,
        },
      };
    },
    /** Memory of a container that is no file cache, in MiB. */
    async memory(service) {
      const id = await podman(['inspect', '--format', '{{.State.Pid}}', container(service)]);
      const kB = (name, text) => Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(text)[1]);
      const rollup = readFileSync(`/proc/${id}/smaps_rollup`, 'utf8');
      return Math.round(kB('Private_Dirty', rollup) / 1024);
    },
  };
}

/**
 * The keys of services and of the demo's programs, and the server's configuration, as somebody makes them before the first
 * `docker compose up`; the containers' user can read them.
 */
async function natsKeys(folder) {
  const nats = (...args) =>
    run(process.execPath, [join(root, 'tools/nats/nats.mjs'), ...args, '--folder', folder], { cwd: root });
  await nats('keys');
  for (const { tenant, program } of localPrograms) await nats('program', tenant, program);
  for (const name of readdirSync(folder))
    if (/\.(nk|conf)$/.test(name)) chownSync(join(folder, name), 1000, 1000);
  // What a container may read of it is mounted one by one.
  chmodSync(folder, 0o711);
  return folder;
}
