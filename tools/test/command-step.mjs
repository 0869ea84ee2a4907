import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '@isthmus/testing/servers';

const bin = join(root, 'node_modules', '.bin');

/** Runs a program, the checkout's own first, with its output visible. Returns its exit code, or 1 if it ended otherwise. */
export async function inFront([program, ...args], env = {}) {
  const path = `${bin}:${process.env.PATH}`;
  const quiet = { NX_TUI: 'false', NX_DAEMON: 'false', npm_config_loglevel: 'silent' };
  const child = spawn(program, args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, ...quiet, PATH: path, ...env },
  });
  return new Promise((resolve) => {
    child.once('close', (code) => resolve(code ?? 1));
    child.once('error', (error) => {
      process.stdout.write(`${program} could not be run: ${error.message}\n`);
      resolve(1);
    });
  });
}

/**
 * A step that counts as one test: passed when the program exits with 0.
 * @param {string} name
 * @param {string[]} command
 * @param {string} [mend] what to do when it fails
 */
export const commandStep = (name, command, mend) => async () => {
  const code = await inFront(command);
  if (code === 0) return { passed: 1, failed: 0, skipped: 0, note: '' };
  if (mend) process.stdout.write(`${mend}\n`);
  return { passed: 0, failed: 1, skipped: 0, note: mend ?? `see above: ${name}` };
};
