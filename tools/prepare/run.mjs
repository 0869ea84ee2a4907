import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { root } from '../../libs/testing/servers/root.mjs';

/** Mirrors and proxies are private to a machine: their addresses are no business of a log that gets pasted somewhere. */
export const withoutAddresses = (text) => text.replace(/https?:\/\/[^\s'")\]]+/g, '<address>');

/** npm repeats the failed program's output in other words, and warns about the user's settings. */
const npmChatter = /^npm (warn|error) (Unknown|Lifecycle|code|path|workspace|location|command) .*\n/gm;

/**
 * Runs a program in the checkout with our own `node_modules/.bin` first on the PATH.
 * @param {string} program
 * @param {string[]} args
 * @returns {Promise<{code: number | null, output: string}>} output is both streams, without addresses
 */
export async function run(program, args, env = {}) {
  const path = `${join(root, 'node_modules', '.bin')}:${process.env.PATH}`;
  const child = spawn(program, args, {
    cwd: root,
    env: { ...process.env, PATH: path, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const [code] = await once(child, 'close');
  return { code, output: withoutAddresses(output.replace(npmChatter, '')) };
}
