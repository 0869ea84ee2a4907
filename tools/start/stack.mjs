import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { claimPort, freePort, startNats, startPostgres } from '@isthmus/testing/servers';
import { paths, writePrivate } from './local-folder.mjs';
import { createConsumers } from './program-consumers.mjs';
import { clientSecrets, localIssuer, localPrograms, secretRings, tenantNames } from './local-keys.mjs';
import { recordProcess } from './processes.mjs';
import {
  databaseUrl,
  keepOneOldLog,
  keepRunning,
  migrate,
  PortTaken,
  startProgram,
  startTogether,
} from './programs.mjs';
import { announce, describe } from './stack-file.mjs';
import {
  gatewayName,
  restProviderName,
  simulatorName,
  singleProcess,
  system,
  usualPorts,
} from './system.mjs';

/**
 * Starts everything in the order of its dependencies and describes it in `.local/stack.json`.
 * @param {{simulator: boolean, singleProcess?: boolean}} options
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal nothing is started or restarted after it
 */
export async function startStack(options, say, signal) {
  const programs = system.filter(({ name }) => options.simulator || name !== simulatorName);
  mkdirSync(paths.logs, { recursive: true });
  for (const { name } of [identity, singleProcess, ...programs]) keepOneOldLog(name);
  const ports = await choosePorts({
    ...usualPorts,
    ...Object.fromEntries(programs.map(({ name, port }) => [name, port])),
  });

  const address = (name) => `http://127.0.0.1:${ports[name]}`;
  const identitySettings = () => ({
    PORT: String(ports.identity),
    CONSOLE_URL: address(gatewayName),
    ALLOW_PRIVATE_ADDRESSES: 'yes',
  });
  // First, because its address is in every token.
  await keepRunning(
    identity.name,
    () => startAtPort(ports, () => startProgram(identity, identitySettings(), signal)),
    say,
    signal,
  );
  const issuer = await localIssuer(address(identity.name));
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
    keepServer('nats', startNats, 'SIGTERM', {
      keys: paths.natsKeys,
      config: paths.natsConfig,
      programs: localPrograms,
    }),
  ]);

  const rings = secretRings();
  const environment = ({ name, run, database, secrets, offBus }) => ({
    PORT: String(ports[name]),
    HOST: '127.0.0.1',
    ...(!offBus && {
      NATS_URL: nats.url,
      // Each its own (apps/<service>/dist/…), and no seed that the user's shell may have for a single service.
      NATS_NKEY_SEED_FILE: join(paths.natsKeys, `${run.split('/')[1]}.nk`),
      NATS_NKEY_SEED: '',
    }),
    ...(database && { DATABASE_URL: databaseUrl(postgres.url, database, database) }),
    ...issuer.env,
    ...(secrets && rings[secrets]),
    ...(name === gatewayName && gatewaySettings(programs, address)),
    ...(name === restProviderName && { WORK365_ENDPOINT_URL: `http://127.0.0.1:${ports[name]}` }),
    // Connectors may point to the simulator on this machine. Only a local stack sets this.
    ALLOW_PRIVATE_ADDRESSES: 'yes',
  });
  // Makes the databases and their roles too. What serves owns no tables and never learns who does.
  const migrating = (one) => ({
    ...environment(one),
    MIGRATION_DATABASE_URL: databaseUrl(postgres.url, one.database, `${one.database}_owner`),
    ADMIN_DATABASE_URL: postgres.url,
  });
  await Promise.all(
    programs.filter(({ migrates }) => migrates).map((one) => migrate(one, migrating(one), signal)),
  );
  const together = options.singleProcess ? programs.filter(({ name }) => name !== simulatorName) : [];
  const start = (name, started) => keepRunning(name, () => startAtPort(ports, started), say, signal);
  await Promise.all([
    ...programs
      .filter((one) => !together.includes(one))
      .map((one) => start(one.name, () => startProgram(one, environment(one), signal))),
    ...(together.length > 0
      ? [start(singleProcess.name, () => startTogether(together, environment, signal))]
      : []),
  ]);

  for (const program of localPrograms) await createConsumers(nats.url, paths.natsKeys, program, { signal });

  const stack = () => describe(programs, ports, { postgres: postgres.url, nats: nats.url }, issuer);
  return announce(stack, signal);
}

/** Not in the table of the system: elsewhere the identity provider is somebody else's. */
const identity = {
  name: 'identity',
  run: 'tools/start/identity.mjs',
  ready: '/.well-known/openid-configuration',
};

/** What the gateway has to know of its surroundings. */
function gatewaySettings(programs, address) {
  const services = programs.filter(({ name }) => name !== gatewayName && name !== simulatorName);
  return {
    CONSOLE_URL: address(gatewayName),
    SERVICE_URLS: JSON.stringify(Object.fromEntries(services.map(({ name }) => [name, address(name)]))),
    OIDC_CLIENT_ID: 'console',
    OIDC_CLIENT_SECRET: clientSecrets().console,
    TENANT_NAMES: JSON.stringify(tenantNames),
  };
}

/**
 * Starts something; when another stack has taken a port of it between our look and its start, once more with a free one.
 * @template T
 * @param {Record<string, number>} ports
 * @param {() => Promise<T>} start
 * @returns {Promise<T>}
 */
async function startAtPort(ports, start) {
  try {
    return await start();
  } catch (error) {
    if (!(error instanceof PortTaken)) throw error;
    ports[error.program] = await freePort();
    writePrivate(paths.ports, JSON.stringify(ports));
    return start();
  }
}

/**
 * A port for each name: the one used last time, because connectors remember where the simulator was; otherwise the usual
 * one, or a free one if that is taken.
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
