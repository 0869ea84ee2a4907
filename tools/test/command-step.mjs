import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '@isthmus/servers';

/** Runs one of the checkout's programs in front of the user. Answers its exit code, or 1 when a signal ended it. */
export async function inFront([program, ...args], env = {}) {
  const child = spawn(join(root, 'node_modules', '.bin', program), args, {
    cwd: root,
    stdio: 'inherit',
    env: { ...process.env, NX_TUI: 'false', NX_DAEMON: 'false', npm_config_loglevel: 'silent', ...env },
  });
  const [code] = await once(child, 'close');
  return code ?? 1;
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
