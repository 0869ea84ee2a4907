import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimPort, freePort, startNats, startPostgres } from '@isthmus/testing/servers';
import { paths, writePrivate } from './local-folder.mjs';
import { createConsumers } from '../nats/program-consumers.mjs';
import { localIssuer, localPrograms, secretRingFile } from './local-keys.mjs';
import { recordProcess } from './processes.mjs';
import {
  createDatabases,
  databaseUrl,
  keepOneOldLog,
  keepRunning,
  migrate,
  startProgram,
} from './programs.mjs';
import { announce, describe } from './stack-file.mjs';
import { simulatorName, system, usualPorts } from './system.mjs';

/**
 * Starts everything, in the order it needs each other, and announces it in `.local/stack.json`.
 * @param {{simulator: boolean}} options
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal nothing is started, or started again, after it
 */
export async function startStack(options, say, signal) {
  const programs = system.filter(({ name }) => options.simulator || name !== simulatorName);
  mkdirSync(paths.logs, { recursive: true });
  for (const { name } of programs) keepOneOldLog(name);
  const issuer = await localIssuer();
  const ports = await choosePorts({
    ...usualPorts,
    ...Object.fromEntries(programs.map(({ name, port }) => [name, port])),
  });

  const keepServer = (name, start, stopSignal, more) =>
    keepRunning(
      name,
      () =>
        start({
          dir: paths[name],
          ...more,
          port: ports[name],
          onSpawn: (pid) => recordProcess(name, pid, stopSignal),
        }),
      say,
      signal,
    );
  const [postgres, nats] = await Promise.all([
    keepServer('postgres', startPostgres, 'SIGINT'),
    keepServer('nats', startNats, 'SIGTERM', { keys: paths.natsKeys, programs: localPrograms }),
  ]);

  const environment = ({ name, run, database }) => ({
    PORT: String(ports[name]),
    HOST: '127.0.0.1',
    NATS_URL: nats.url,
    // Each its own: apps/<service>/dist/….
    NATS_NKEY_SEED_FILE: join(paths.natsKeys, `${run.split('/')[1]}.nk`),
    ...(database && { DATABASE_URL: databaseUrl(postgres.url, database) }),
    ...issuer.env,
    SECRET_RING_FILE: secretRingFile(),
    // Connectors may point at the simulator beside them. Nothing but a local start sets this.
    ALLOW_PRIVATE_ADDRESSES: 'yes',
  });
  const databases = programs.flatMap(({ database }) => database ?? []);
  await createDatabases(postgres.url, databases);
  await Promise.all(
    programs.filter(({ migrates }) => migrates).map((one) => migrate(one, environment(one), signal)),
  );
  await Promise.all(
    programs.map((one) =>
      keepRunning(one.name, () => startProgram(one, environment(one), signal), say, signal),
    ),
  );

  for (const program of localPrograms) await createConsumers(nats.url, paths.natsKeys, program, { signal });

  const stack = () => describe(programs, ports, { postgres: postgres.url, nats: nats.url }, issuer);
  return announce(stack, signal);
}

/**
 * A port for each name: the one of the start before, because connectors remember where the simulator was; else the usual
 * one; else, when somebody has that, a free one.
 * @param {Record<string, number>} usual
 * @returns {Promise<Record<string, number>>}
 */
export async function choosePorts(usual) {
  const before = existsSync(paths.ports) ? JSON.parse(readFileSync(paths.ports, 'utf8')) : {};
  const chosen = {};
  for (const [name, port] of Object.entries(usual)) {
    if (before[name] && (await claimPort(before[name]))) chosen[name] = before[name];
    else chosen[name] = (await claimPort(port)) ? port : await freePort();
  }
  writePrivate(paths.ports, JSON.stringify(chosen));
  return chosen;
}
