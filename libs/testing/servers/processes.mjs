import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the spec in progress, or the program, has started; nothing more when the spec has ended. */
let running = new Map();
let ended = false;
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/**
 * Spawns a process that ends when its parent does, even if the parent is killed: Linux sends it the signal then. A spec's
 * processes end with the spec as well, see `endSpec`, and connect to this machine only, see `loopback-only.mjs`.
 * @type {import('./index.d.mts').spawnTied}
 */
export function spawnTied(program, args, options, signal = 'SIGKILL') {
  if (ended) throw new Error(`${program} was not started: the spec that requested it has ended.`);
  const passedOn = globalThis[Symbol.for('isthmus.loopback-only')];
  const own = passedOn && basename(program) === 'node' ? passedOn(options) : options;
  const child = spawn(...tied(program, args, signal), own);
  const siblings = running.set(child, signal);
  child.once('exit', () => siblings.delete(child));
  return child;
}

/** The command that requests the signal from Linux. A change of user would clear the request, so it has to follow one. */
export const tied = (program, args, signal = 'SIGKILL') =>
  setpriv ? [setpriv, ['--pdeathsig', signal.replace(/^SIG/, ''), program, ...args]] : [program, args];

/** From here on it is a spec that starts tied processes; what was started before is none of its business. */
export function beginSpec() {
  running = new Map();
  ended = false;
}

/** Ends every tied process of the spec that is still running; none can be started until the next spec begins. */
export async function endSpec() {
  ended = true;
  await Promise.all(
    [...running].map(([child, signal]) => {
      const gone = new Promise((resolve) => child.once('exit', resolve));
      return child.kill(signal) ? gone : undefined;
    }),
  );
}

/**
 * Waits until the server reports on stderr that it is ready; its last lines are in the error if it dies first. The pipe is
 * drained permanently afterwards.
 */
export function whenReady(server, sign, name) {
  return new Promise((resolve, reject) => {
    let heard = '';
    server.stderr.on('data', (chunk) => {
      if (heard === undefined) return;
      heard = (heard + chunk).slice(-4000);
      if (sign.test(heard)) {
        heard = undefined;
        resolve();
      }
    });
    server.once('error', reject);
    server.once('exit', (code) =>
      reject(new Error(`${name} ended before it was ready (exit ${code}):\n${heard}`)),
    );
  });
}

/**
 * A TCP port nobody listens on. Below what Linux hands out for connections (from 32768): one of those could be on it by
 * the time a server starts, or starts again.
 */
export async function freePort() {
  for (;;) {
    const port = randomInt(12_000, 32_000);
    if (await claimPort(port)) return port;
  }
}

/** Whether the port is free; then nobody else who asks here is given it while this process lives, so that suites can run side by side. */
export async function claimPort(port) {
  // A name that begins with NUL is gone with the process that listens on it.
  const claim = await listen(`\0isthmus-port-${port}`);
  const probe = claim && (await listen(port, '127.0.0.1'));
  if (!probe) {
    claim?.close();
    return false;
  }
  probe.close();
  await once(probe, 'close');
  return true;
}

/** Undefined when somebody listens there already. */
async function listen(...place) {
  const server = createServer().listen(...place);
  try {
    await once(server, 'listening');
  } catch (error) {
    if (error.code === 'EADDRINUSE') return undefined;
    throw error;
  }
  return server.unref();
}

export const root = fileURLToPath(new URL('../../..', import.meta.url)).replace(/\/$/, '');
