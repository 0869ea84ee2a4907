import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.mjs';
import { spawnTied } from './spawn-tied.mjs';
import { fetchNatsServer } from './nats-binary.mjs';
import { whenReady } from './when-ready.mjs';

/** @type {import('./index.d.ts').startNats} */
export async function startNats({ dir, port, tied = false, onSpawn } = {}) {
  const binary = await fetchNatsServer();
  const home = dir ?? (await mkdtemp(join(tmpdir(), 'isthmus-nats-')));
  const listen = port || (await freePort());
  const start = tied ? spawnTied : spawn;
  const server = start(binary, ['-js', '-sd', home, '-a', '127.0.0.1', '-p', String(listen)], {
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onSpawn?.(server.pid);
  const exited = new Promise((resolve) => server.once('exit', resolve));
  await whenReady(server, /Server is ready/, 'nats-server');

  return {
    url: `nats://127.0.0.1:${listen}`,
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
