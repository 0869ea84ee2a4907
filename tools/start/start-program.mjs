import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '@isthmus/testing/servers';
import { lastWords, logOf } from './logs.mjs';
import { recordProcess } from './process-record.mjs';

const readyWithinMs = 30_000;

/**
 * Starts one program of the system and waits until it is ready.
 * @param {import('./system.mjs').Program} program
 * @param {Record<string, string>} env
 * @param {AbortSignal} signal
 * @returns {Promise<{exited: Promise<unknown>}>}
 */
export async function startProgram(program, env, signal) {
  const { name } = program;
  const child = spawnProgram(program, [], env, signal);
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  const address = `http://127.0.0.1:${env.PORT}${program.ready ?? '/healthz/ready'}`;
  const deadline = Date.now() + readyWithinMs;
  while (!(await answers(address))) {
    if (child.exitCode !== null || child.signalCode !== null) {
      throw new Error(`${name} ended before it was ready. ${lastWords(name)}`);
    }
    if (Date.now() > deadline) {
      child.kill('SIGKILL');
      throw new Error(`${name} was not ready within ${readyWithinMs / 1000} s. ${lastWords(name)}`);
    }
    await sleep(50);
  }
  return { exited };
}

/** The process, written down, with its output in its log. */
export function spawnProgram(program, args, env, signal) {
  signal.throwIfAborted();
  const log = openSync(logOf(program.name), 'a');
  const child = spawn(process.execPath, ['--enable-source-maps', join(root, program.run), ...args], {
    cwd: root,
    env: { ...process.env, ...env, ...program.env },
    // A session of its own: Ctrl-C in the terminal reaches us alone, and we end things in their order.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid) recordProcess([program.name, ...args].join(' '), child.pid);
  return child;
}

async function answers(address) {
  try {
    const response = await fetch(address, { signal: AbortSignal.timeout(2_000) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}
