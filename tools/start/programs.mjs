import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdirSync,
  closeSync,
  existsSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claimPort, root } from '@isthmus/testing/servers';
import { paths, writePrivate } from './local-folder.mjs';
import { forgetProcess, recordProcess } from './processes.mjs';
import { nodeEnvironment, nodeFlags, singleProcess } from './system.mjs';

export const logOf = (name) => join(paths.logs, `${name}.log`);

/** Every start writes a new log; the previous one is kept next to it. */
export function keepOneOldLog(name) {
  if (existsSync(logOf(name))) renameSync(logOf(name), join(paths.logs, `${name}.before.log`));
}

/** The end of a program's log, for the message about its failure. */
export function lastWords(name) {
  const lines = readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-8);
  return `The end of ${logOf(name)}:\n  ${lines.join('\n  ')}`;
}

const readyWithinMs = 180_000;

/**
 * Starts one program of the system and waits until it is ready.
 * @param {import('./system.mjs').Program} program
 * @param {Record<string, string>} env
 * @param {AbortSignal} signal
 * @returns {Promise<{exited: Promise<unknown>}>}
 */
export const startProgram = (program, env, signal) =>
  startListening(program, [], env, [{ ...program, port: env.PORT }], signal);

/**
 * Starts several programs in one process: each finds its own settings in a folder of its name, and nothing of them in the environment.
 * @param {import('./system.mjs').Program[]} programs
 * @param {(program: import('./system.mjs').Program) => Record<string, string>} settingsOf
 * @param {AbortSignal} signal
 * @returns {Promise<{exited: Promise<unknown>}>}
 */
export function startTogether(programs, settingsOf, signal) {
  rmSync(paths.settings, { recursive: true, force: true });
  const settings = programs.map((program) => [program, { ...settingsOf(program), ...program.env }]);
  for (const [{ name }, given] of settings) {
    mkdirSync(join(paths.settings, name), { recursive: true, mode: 0o700 });
    for (const [variable, value] of Object.entries(given))
      if (value !== '') writePrivate(join(paths.settings, name, variable), value);
  }
  const unset = settings.flatMap(([, given]) => Object.keys(given)).map((variable) => [variable, '']);
  const listening = settings.map(([program, { PORT }]) => ({ ...program, port: PORT }));
  return startListening(singleProcess, [paths.settings], Object.fromEntries(unset), listening, signal);
}

async function startListening(program, args, env, listening, signal) {
  const { name } = program;
  const child = spawnProgram(program, args, env, signal);
  const exited = new Promise((resolve) => child.once('exit', resolve).once('error', resolve));
  const deadline = Date.now() + readyWithinMs;
  const isReady = async ({ port, ready = '/healthz/ready' }) =>
    // Somebody else's program may answer there as well: what it says is not asked for before the port is ours.
    listensAt(child.pid, port) && answers(`http://127.0.0.1:${port}${ready}`);
  while (!(await Promise.all(listening.map(isReady))).every(Boolean)) {
    if (child.exitCode !== null || child.signalCode !== null) {
      for (const one of listening) if (await isTaken(one.port)) throw new PortTaken(one.name, one.port);
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

/** Another program has the port: the one that was to have it has ended. */
export class PortTaken extends Error {
  constructor(name, port) {
    super(`${name} ended before it was ready: another program has port ${port}.`);
    this.program = name;
  }
}

const isTaken = async (port) => !(await claimPort(Number(port)));

/** Whether the process itself listens at the port: its sockets among those that listen there (proc(5)). True where that cannot be seen. */
export function listensAt(pid, port) {
  const hex = Number(port).toString(16).toUpperCase().padStart(4, '0');
  try {
    const listening = ['tcp', 'tcp6'].flatMap((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => state === '0A' && local?.endsWith(`:${hex}`))
        .map((fields) => `socket:[${fields[9]}]`),
    );
    const own = readdirSync(`/proc/${pid}/fd`).map((fd) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${fd}`);
      } catch {
        return '';
      }
    });
    return own.some((socket) => listening.includes(socket));
  } catch {
    return !existsSync('/proc/net/tcp');
  }
}

/** Starts and records the process, with its output in its log. */
export function spawnProgram(program, args, env, signal) {
  signal.throwIfAborted();
  mkdirSync(paths.logs, { recursive: true });
  const log = openSync(logOf(program.name), 'a');
  const child = spawn(process.execPath, [...nodeFlags, join(root, program.run), ...args], {
    cwd: root,
    env: { ...nodeEnvironment, ...process.env, ...env, ...program.env },
    // A session of its own: Ctrl-C in the terminal reaches only us, and we end the processes in the right order.
    detached: true,
    stdio: ['ignore', log, log],
  });
  closeSync(log);
  if (child.pid) {
    recordProcess([program.name, ...args].join(' '), child.pid);
    child.once('exit', () => forgetProcess(child.pid));
  }
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

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
const steadyMs = 60_000;

/**
 * Starts something and, once it has been up, starts it again whenever it ends by itself, with increasing pauses.
 * @template {{exited: Promise<unknown>}} Running
 * @param {string} name
 * @param {() => Promise<Running>} start
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal what ends after this signal was meant to end
 */
export async function keepRunning(name, start, say, signal) {
  const first = await start();
  void watch(first.exited);
  return first;

  async function watch(exited) {
    let pauseMs = firstPauseMs;
    for (;;) {
      const since = Date.now();
      await exited;
      if (Date.now() - since > steadyMs) pauseMs = firstPauseMs;
      if (signal.aborted) return;
      say(`${name} is not running; starting it again in ${pauseMs / 1000} s.`);
      await sleep(pauseMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      pauseMs = Math.min(pauseMs * 2, longestPauseMs);
      try {
        ({ exited } = await start());
        say(`${name} is up again.`);
      } catch (error) {
        if (signal.aborted) return;
        exited = undefined;
        say(`${name} could not be started: ${error.message}`);
      }
    }
  }
}

/**
 * The address of one database on the given server.
 * @param {string} [role] another than that of `server`
 */
export function databaseUrl(server, database, role) {
  const url = new URL(server);
  url.pathname = `/${database}`;
  if (role) url.username = role;
  return url.href;
}

/** Migrates a service's database, in a process of its own, as in production. */
export async function migrate(program, env, signal) {
  const child = spawnProgram(program, ['migrate'], env, signal);
  const [code] = await once(child, 'exit');
  if (code === 0) return;
  throw new Error(`The database of ${program.name} could not be migrated. ${lastWords(program.name)}`);
}
