import { existsSync, readFileSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { root } from './processes.mjs';

/*
 * The users of a nats-server are a folder of keys, `<user>.nk` each, and the configuration made of it. Services and programs may do
 * what docs/generated/nats-permissions.json lists, which comes from libs/contracts/src/access.ts.
 */

/** The one user that may do everything: it creates the consumers of programs. No service has its key. */
export const operator = 'operator';

const listed = () => JSON.parse(readFileSync(join(root, 'docs/generated/nats-permissions.json'), 'utf8'));

/** @type {import('./index.d.mts').natsProgram} */
export function natsProgram(tenant, program) {
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(program))
    throw new Error(`"${program}" cannot be the name of a program: use small letters, digits and hyphens.`);
  // Any other name could be the second token of subjects that are no events, as `account-sync` is in `rpc.account-sync.…`.
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(tenant))
    throw new Error(`"${tenant}" is not a tenant as subjects have it: use its id, a UUID in lower case.`);
  const template = JSON.stringify(listed().program);
  return JSON.parse(template.replaceAll('{tenant}', tenant).replaceAll('{program}', program));
}

/** The account of services and streams. */
const mainAccount = 'ISTHMUS';

/** @type {import('./index.d.mts').natsConfig} */
export async function natsConfig(folder, { programs = [], trusted = [] } = {}) {
  const { services } = listed();
  const users = [];
  for (const [name, allowed] of Object.entries(services))
    users.push(userOf(name, await publicKey(join(folder, `${name}.nk`)), allowed));
  for (const name of [operator, ...trusted])
    users.push(userOf(name, await publicKey(join(folder, `${name}.nk`))));
  for (const { tenant, program } of programs) await publicKey(programKeyFile(folder, tenant, program));
  const accounts = [];
  for (const file of await programKeys(folder)) {
    const [tenant, program] = [basename(dirname(file)), basename(file, '.nk')];
    const allowed = natsProgram(tenant, program);
    const user = userOf(allowed.name, await publicKey(join(folder, file)), allowed);
    accounts.push(accountOf(allowed.name, [user], [`imports: [ ${importsOf(allowed).join(', ')} ]`]));
  }
  const exported = [`exports: [ ${exportsOf(listed().program).join(', ')} ]`, 'jetstream: enabled'];
  return [
    '# Made from docs/generated/nats-permissions.json and a folder of keys: see tools/nats. Of each user only the public key is here.',
    'authorization { timeout: 5 }',
    'accounts {',
    ...[accountOf(mainAccount, users, exported), ...accounts.toSorted()],
    '}',
    '',
  ].join('\n');
}

function accountOf(name, users, lines) {
  const all = ['users: [', ...users.toSorted(), '    ]', ...lines];
  return [`  "${name}" {`, ...all.map((line) => (line.startsWith(' ') ? line : `    ${line}`)), '  }'].join(
    '\n',
  );
}

/*
 * A program has an account to itself, with nothing in it but what its tenant's events come through. The server sends what it
 * responds to the reply subject of a request without asking for permission, and in the account of the services such a subject can
 * be a request to delete a stream. From another account the server responds under a subject of its own.
 */

const isPull = (subject) => subject.startsWith('$JS.API.CONSUMER.MSG.NEXT.');

/** The subject in the account of the services: in a program's own, `$JS.API` is what JetStream there would answer. */
const atServices = (subject) => subject.replace(/^\$JS\.\w+\.API\./, '$JS.API.');

/** What programs may ask of JetStream, with any consumer of any stream: an import is what says which. */
function exportsOf({ publish, consumers }) {
  const asked = new Set(
    publish.map((subject) => atServices(subject).replace(/[A-Z_]+\.\{.*?\}-\{.*?\}/, '*.*')),
  );
  return [
    // A pull is responded to with many messages, and each of them is acknowledged.
    ...[...asked].map((subject) => `{ service: "${subject}"${isPull(subject) ? ', response: stream' : ''} }`),
    ...consumers.map(({ filter }) => `{ stream: "${filter.replace('{tenant}', '*')}" }`),
  ];
}

function importsOf({ publish, consumers }) {
  const from = (subject) => `{ account: ${mainAccount}, subject: "${subject}" }`;
  return [
    ...publish.map((subject) => `{ service: ${from(atServices(subject))}, to: "${subject}" }`),
    ...consumers.map(({ filter }) => `{ stream: ${from(filter)} }`),
  ];
}

/** @type {import('./index.d.mts').programKeyFile} */
export const programKeyFile = (folder, tenant, program) => join(folder, 'programs', tenant, `${program}.nk`);

/** A response is sent within its request's deadline, which is never as long. */
const responses = '{ max: 1, expires: "5m" }';

function userOf(name, key, allowed) {
  const lines = [`    { # ${name}`, `      nkey: ${key}`];
  if (allowed) {
    const { publish, subscribe, responds } = allowed;
    const list = (subjects) => `{ allow: ${JSON.stringify(subjects)} }`;
    lines.push(
      '      permissions: {',
      `        publish: ${publish.length > 0 ? list(publish) : '{ deny: ">" }'}`,
      `        subscribe: ${list(subscribe)}`,
      ...(responds ? [`        allow_responses: ${responses}`] : []),
      '      }',
    );
  }
  return [...lines, '    }'].join('\n');
}

/** `programs/<tenant>/<program>.nk`. Node 20, which prepares a checkout, has no `glob`. */
async function programKeys(folder) {
  const programs = join(folder, 'programs');
  const found = existsSync(programs) ? await readdir(programs, { recursive: true }) : [];
  return found.filter((file) => /^[^/]+\/[^/]+\.nk$/.test(file)).map((file) => join('programs', file));
}

/** Of the key in a file, which is made when there is none. */
async function publicKey(file) {
  const { nkeys } = await import('@nats-io/transport-node');
  if (!existsSync(file)) {
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const own = `${file}.${process.pid}.new`;
    await writeFile(own, nkeys.createUser().getSeed(), { mode: 0o600 });
    await rename(own, file);
  }
  return nkeys.fromSeed(new TextEncoder().encode((await readFile(file, 'utf8')).trim())).getPublicKey();
}
