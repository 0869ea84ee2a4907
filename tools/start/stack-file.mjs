import { existsSync, readFileSync, rmSync } from 'node:fs';
import { paths, writePrivate } from './local-folder.mjs';
import { natsProgram, programKeyFile } from '@isthmus/testing/servers';
import { localPrograms } from './local-keys.mjs';
import { databaseUrl } from './programs.mjs';
import { simulatorName } from './system.mjs';

const tokensAnewMs = 3_600_000;

/**
 * What a program needs to know in order to use the stack.
 * @param {import('./system.mjs').Program[]} programs
 */
export async function describe(programs, ports, servers, issuer) {
  const address = ({ name }) => `http://127.0.0.1:${ports[name]}`;
  const simulator = programs.find(({ name }) => name === simulatorName);
  return {
    services: Object.fromEntries(
      programs.filter((one) => one !== simulator).map((one) => [one.name, address(one)]),
    ),
    nats: servers.nats,
    natsCredentials: {
      /** Of every service, `<service>.nk`, and of the operator. */
      keys: paths.natsKeys,
      programs: Object.fromEntries(localPrograms.map((one) => [one.tenant, credentialsOf(one)])),
    },
    postgres: Object.fromEntries(
      programs.flatMap(({ name, database, migrates }) =>
        migrates ? [[name, databaseUrl(servers.postgres, database)]] : [],
      ),
    ),
    tokens: await issuer.tokens(),
    ...(simulator && {
      simulator: {
        url: address(simulator),
        apiUrl: `${address(simulator)}/marketplace/na`,
        control: `${address(simulator)}/_control`,
      },
    }),
  };
}

/** What a program of one tenant connects to NATS with. */
function credentialsOf({ tenant, program }) {
  const { name, inboxPrefix, domain, consumers } = natsProgram(tenant, program);
  return {
    seed: readFileSync(programKeyFile(paths.natsKeys, tenant, program), 'utf8'),
    inboxPrefix,
    domain,
    consumers: consumers.map(({ stream }) => ({ stream, name })),
  };
}

/** Writes the description, and writes it again every hour because its tokens expire. Returns the first one. */
export async function announce(describeStack, signal) {
  const write = async () => {
    const stack = await describeStack();
    if (!signal.aborted) writePrivate(paths.stack, `${JSON.stringify(stack, null, 2)}\n`);
    return stack;
  };
  const again = setInterval(write, tokensAnewMs);
  signal.addEventListener('abort', () => {
    clearInterval(again);
    withdraw();
  });
  return write();
}

export const withdraw = () => rmSync(paths.stack, { force: true });

/** The running stack, if one is ready. */
export const readStack = () =>
  existsSync(paths.stack) ? JSON.parse(readFileSync(paths.stack, 'utf8')) : undefined;

/** The addresses of everything, for a person. */
export function addresses(stack) {
  const [[tenant, tokens]] = Object.entries(stack.tokens);
  const rows = [
    ...Object.entries(stack.services).map(([name, address]) => [
      name,
      name.endsWith('-worker') ? address : `${address}/docs`,
    ]),
    ...(stack.simulator ? [['CMP simulator', stack.simulator.apiUrl]] : []),
    ['NATS', stack.nats],
    ...Object.values(stack.postgres).map((address) => ['PostgreSQL', address]),
  ];
  const width = Math.max(...rows.map(([name]) => name.length));
  return [
    ...rows.map(([name, address]) => `  ${name.padEnd(width)}  ${address}`),
    '',
    `  A token of tenant ${tenant} (admin; more in ${paths.stack}):`,
    `  ${tokens.admin}`,
    '',
  ].join('\n');
}
