import { execFile } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root } from '@isthmus/testing/servers';
import { localPrograms } from '../../start/local-keys.mjs';
import { createConsumers } from '../../start/program-consumers.mjs';
import { natsCredentials } from '../../start/stack-file.mjs';
import { simulatorName, system } from '../../start/system.mjs';
import { nodePorts } from './overlay.mjs';

const run = promisify(execFile);

/**
 * What `npm run k8s:local` makes before it applies: the issuer of tokens, key rings, keys for NATS, and those of the demo's programs.
 * @param {string} folder
 */
export async function makeKeys(folder) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { stdout } = await run(process.execPath, [join(root, 'tools/docker/identity.mjs')], {
    env: { ...process.env, ISTHMUS_LOCAL_DIR: folder },
  });
  const keys = join(folder, 'nats-keys');
  const nats = (...args) =>
    run(process.execPath, [join(root, 'tools/nats/nats.mjs'), ...args, '--folder', keys], { cwd: root });
  await nats('keys');
  for (const { tenant, program } of localPrograms) await nats('program', tenant, program);
  return { folder, nats: keys, tokens: JSON.parse(stdout.slice(stdout.indexOf('{'))).tokens };
}

/**
 * What `npm start` writes into .local/stack.json, of what runs in the cluster.
 * @param {import('../kubernetes/cluster.d.mts').Cluster} cluster
 * @param {Awaited<ReturnType<typeof makeKeys>>} keys
 */
export function stackOf(cluster, keys) {
  const at = (name) => `${cluster.address}:${cluster.port(nodePorts[name])}`;
  const served = system.filter(({ name }) => nodePorts[name] && name !== simulatorName);
  return {
    services: Object.fromEntries(served.map(({ name }) => [name, `http://${at(name)}`])),
    nats: `nats://${at('nats')}`,
    natsCredentials: natsCredentials(keys.nats),
    postgres: (database) => `postgres://postgres:local@${at('postgres')}/${database}`,
    tokens: keys.tokens,
    simulator: {
      url: `http://${at(simulatorName)}`,
      // As services reach it, and as we do.
      apiUrl: `http://${simulatorName}/marketplace/na`,
      control: `http://${at(simulatorName)}/_control`,
    },
  };
}

/** The consumers of the demo's programs, once services have made their streams. */
export async function makeConsumers(stack, keys) {
  for (const program of localPrograms) await createConsumers(stack.nats, keys.nats, program);
}
