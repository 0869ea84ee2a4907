import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';

const children = Symbol.for('isthmus.tied-children');
const closed = Symbol.for('isthmus.tied-children-closed');
const setpriv = ['/usr/bin/setpriv', '/bin/setpriv'].find((path) => existsSync(path));

/**
 * Spawns a process that ends when its parent does, even if the parent is killed: Linux sends it the signal then. A spec's
 * processes end with the spec as well, see `endTied`.
 * @type {import('./index.d.ts').spawnTied}
 */
export function spawnTied(program, args, options, signal = 'SIGKILL') {
  if (globalThis[closed]) throw new Error(`${program} is not started: the spec that asked for it has ended.`);
  const child = spawn(...tied(program, args, signal), options);
  const running = (globalThis[children] ??= new Map());
  running.set(child, signal);
  child.once('exit', () => running.delete(child));
  return child;
}

/** The command that asks Linux for the signal. A change of user would clear the request, so it goes behind one. */
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
