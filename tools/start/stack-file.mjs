import { existsSync, readFileSync, rmSync } from 'node:fs';
import { paths, writePrivate } from './local-folder.mjs';
import { natsProgram, programKeyFile } from '@isthmus/testing/servers';
import { clientSecrets, localPrograms, tenants } from './local-keys.mjs';
import { databaseUrl } from './programs.mjs';
import { gatewayName, simulatorName } from './system.mjs';

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
    natsCredentials: natsCredentials(paths.natsKeys),
    postgres: Object.fromEntries(
      programs.flatMap(({ name, database, migrates }) =>
        migrates ? [[name, databaseUrl(servers.postgres, database)]] : [],
      ),
    ),
    tokens: await issuer.tokens(),
    identity: {
      issuer: issuer.env.OIDC_ISSUER,
      /** For people's programs, which listen on a port of this machine: authorization code with PKCE. */
      cli: { clientId: 'cli', redirectUri: 'http://127.0.0.1/callback' },
      /** For programs of their own: client credentials. */
      programs: Object.fromEntries(
        tenants.map((tenant) => [
          tenant,
          { clientId: `program-${tenant}`, clientSecret: clientSecrets()[tenant] },
        ]),
      ),
    },
    ...(simulator && {
      simulator: {
        url: address(simulator),
        apiUrl: `${address(simulator)}/marketplace/na`,
        control: `${address(simulator)}/_control`,
      },
    }),
  };
}

/**
 * How the local programs of tenants connect to NATS.
 * @param {string} keys folder with the keys of all services (`<service>.nk`), of the operator and of programs
 */
export const natsCredentials = (keys) => ({
  keys,
  programs: Object.fromEntries(localPrograms.map((one) => [one.tenant, credentialsOf(keys, one)])),
});

function credentialsOf(keys, { tenant, program }) {
  const { name, inboxPrefix, domain, consumers } = natsProgram(tenant, program);
  return {
    seed: readFileSync(programKeyFile(keys, tenant, program), 'utf8'),
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
  const { [gatewayName]: console, ...services } = stack.services;
  const rows = [
    ['Console', console],
    ...Object.entries(services).map(([name, address]) => [
      name,
      name.endsWith('-worker') ? address : `${address}/docs`,
    ]),
    ...(stack.simulator ? [['CMP simulator', stack.simulator.apiUrl]] : []),
    ['Identity', stack.identity.issuer],
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
