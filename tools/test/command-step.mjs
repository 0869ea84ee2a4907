import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from '@isthmus/testing/servers';

const bin = join(root, 'node_modules', '.bin');

/**
 * What runs programs, the checkout's own first, and answers their exit codes, or 1 when one ended otherwise.
 * @param {(said: Buffer | string) => unknown} [hear] takes what they say; in front of the user without it
 */
export const runner =
  (hear) =>
  async ([program, ...args], env = {}) => {
    const path = `${bin}:${process.env.PATH}`;
    const quiet = { NX_TUI: 'false', NX_DAEMON: 'false', npm_config_loglevel: 'silent' };
    const child = spawn(program, args, {
      cwd: root,
      stdio: hear ? ['ignore', 'pipe', 'pipe'] : 'inherit',
      env: { ...process.env, ...quiet, PATH: path, ...env },
    });
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', hear);
    return new Promise((resolve) => {
      child.once('close', (code) => resolve(code ?? 1));
      child.once('error', (error) => {
        (hear ?? ((said) => process.stdout.write(said)))(`${program} could not be run: ${error.message}\n`);
        resolve(1);
      });
    });
  };

/**
 * A step that counts as one test: passed when every program exits with 0.
 * @param {string[][]} commands one after the other, until one fails
 * @param {string} [mend] what to do when it fails
 */
export const commandStep =
  (commands, mend = 'see above') =>
  async (run) => {
    for (const command of commands)
      if ((await run(command)) !== 0) return { passed: 0, failed: 1, skipped: 0, note: mend };
    return { passed: 1, failed: 0, skipped: 0, note: '' };
  };
