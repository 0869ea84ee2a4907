import { execFile, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { natsConfig, storeSetting } from './nats-users.mjs';
import { freePort, root, spawnTied, whenReady } from './processes.mjs';

/** @type {import('./index.d.mts').startNats} */
export async function startNats({
  dir,
  port,
  tied = false,
  onSpawn,
  keys,
  config,
  programs,
  monitorPort,
} = {}) {
  const binary = await fetchNatsServer();
  const home = dir ?? (await mkdtemp(join(tmpdir(), 'isthmus-nats-')));
  const listen = port || (await freePort());
  const folder = keys ?? process.env.TEST_NATS_KEYS ?? join(home, 'keys');
  const conf = config ?? join(home, 'nats.conf');
  const trusted = process.env.TEST_NATS_TRUSTED?.split(',');
  await mkdir(home, { recursive: true });
  await writeFile(conf, await natsConfig(folder, { programs, trusted }), { mode: 0o600 });
  const start = tied ? spawnTied : spawn;
  const monitored = monitorPort ? ['-m', String(monitorPort)] : [];
  const server = start(binary, ['-a', '127.0.0.1', '-p', String(listen), '-c', conf, ...monitored], {
    // In quotes: the server reads it as a part of its configuration.
    env: { ...process.env, [storeSetting]: JSON.stringify(home) },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onSpawn?.(server.pid);
  const exited = new Promise((resolve) => server.once('exit', resolve));
  await whenReady(server, /Server is ready/, 'nats-server');

  return {
    url: `nats://127.0.0.1:${listen}`,
    keys: folder,
    config: conf,
    port: listen,
    pid: server.pid,
    exited,
    async stop(signal = 'SIGTERM') {
      if (server.exitCode === null && server.signalCode === null) {
        server.kill(signal);
        await exited;
      }
      if (!dir) await rm(home, { recursive: true, force: true });
    },
  };
}

const run = promisify(execFile);
const local = join(root, '.local', 'bin');

/** NATS_SERVER_BIN, then `.local/bin`, then the PATH when new enough, then a signed Debian package unpacked into `.local/bin`. */
export async function fetchNatsServer() {
  const chosen = process.env.NATS_SERVER_BIN;
  if (chosen) {
    if (await recentEnough(chosen)) return chosen;
    throw new Error(`NATS_SERVER_BIN=${chosen} is not a nats-server of version 2.10 or later.`);
  }
  for (const candidate of [join(local, 'nats-server'), 'nats-server']) {
    if (await recentEnough(candidate)) return candidate;
  }
  try {
    await run('bash', [join(root, 'libs/testing/servers/fetch-nats-server.sh'), local]);
  } catch (cause) {
    throw new Error(
      'nats-server is missing and could not be fetched from Debian. Install nats-server 2.10 or later, or set NATS_SERVER_BIN to its path.\n' +
        (cause.stderr ?? ''),
      { cause },
    );
  }
  return join(local, 'nats-server');
}

async function recentEnough(binary) {
  try {
    const { stdout } = await run(binary, ['--version']);
    const [, major, minor] = /v(\d+)\.(\d+)/.exec(stdout) ?? [];
    return Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 10);
  } catch {
    return false;
  }
}
