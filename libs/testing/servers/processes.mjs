import { spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';

const children = Symbol.for('isthmus.tied-children');
const closed = Symbol.for('isthmus.tied-children-closed');
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/**
 * Spawns a process that ends when its parent does, even if the parent is killed: Linux sends it the signal then. A spec's
 * processes end with the spec as well, see `endTied`.
 * @type {import('./index.d.mts').spawnTied}
 */
export function spawnTied(program, args, options, signal = 'SIGKILL') {
  if (globalThis[closed])
    throw new Error(`${program} was not started: the spec that requested it has ended.`);
  const child = spawn(...tied(program, args, signal), options);
  const running = (globalThis[children] ??= new Map());
  running.set(child, signal);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The command that requests the signal from Linux. A change of user would clear the request, so it has to follow one. */
export const tied = (program, args, signal = 'SIGKILL') =>
  setpriv ? [setpriv, ['--pdeathsig', signal.replace(/^SIG/, ''), program, ...args]] : [program, args];

/**
 * Ends every tied process that was started under this global object and is still running; none can be started afterwards.
 * @param {object} scope the global object of the spec
 */
export async function endTied(scope) {
  scope[closed] = true;
  const running = [...(scope[children] ?? new Map())];
  await Promise.all(
    running.map(([child, signal]) => {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      return child.kill(signal) ? ended : undefined;
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
