import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from './local-folder.mjs';

/**
 * Distinguishes a process from a later one with the same number, by the boot and the clock tick in which it began.
 * @returns {string | undefined} undefined if there is no such process, or only its uncollected exit code
 */
export function identityOf(pid) {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may itself contain blanks and parentheses; fields are counted after it (proc(5)).
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${boot}:${fields[19]}`;
  } catch {
    return undefined;
  }
}

export const isAlive = ({ pid, identity }) => identity !== undefined && identityOf(pid) === identity;

const graceMs = 12_000;
let recorded;
let ending = false;

/**
 * Records a process before anything else is done with it, so that a killed `npm start` leaves nothing unknown behind.
 * @param {NodeJS.Signals} signal the signal that ends it cleanly
 */
export function recordProcess(name, pid, signal = 'SIGTERM') {
  const entry = { name, pid, identity: identityOf(pid), signal };
  write([...(recorded ?? readRecord()).filter((other) => other.name !== name), entry]);
  if (ending) send(entry, signal);
}

/** Forgets a process that has ended by itself. */
export function forgetProcess(pid) {
  if (!ending && recorded) write(recorded.filter((entry) => entry.pid !== pid));
}

/** Sends a signal to a recorded process; returns false if there is none of that name. */
export function signalProcess(name, signal) {
  const entry = readRecord().find((one) => one.name === name && isAlive(one));
  if (entry) send(entry, signal);
  return entry !== undefined;
}

/** Ends everything that this `npm start` has started, including what is still starting. */
export async function endAll() {
  ending = true;
  await endLeftovers();
}

/**
 * Ends the recorded processes that are still the same processes; nothing else is ever touched.
 * @returns {Promise<string[]>} the names of what was still running
 */
export async function endLeftovers() {
  const running = readRecord().filter(isAlive);
  const servers = ['postgres', 'nats'];
  // Services first: they finish their work while their database still responds.
  await Promise.all(running.filter(({ name }) => !servers.includes(name)).map(endProcess));
  await Promise.all(running.filter(({ name }) => servers.includes(name)).map(endProcess));
  rmSync(paths.processes, { force: true });
  return running.map(({ name }) => name);
}

async function endProcess(entry) {
  send(entry, entry.signal);
  const deadline = Date.now() + graceMs;
  while (isAlive(entry)) {
    if (Date.now() > deadline) send(entry, 'SIGKILL');
    await sleep(50);
  }
}

function send({ pid }, signal) {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

function write(entries) {
  recorded = entries;
  const next = `${paths.processes}.new`;
  writeFileSync(next, JSON.stringify(recorded, null, 2));
  renameSync(next, paths.processes);
}

function readRecord() {
  if (!existsSync(paths.processes)) return [];
  try {
    return JSON.parse(readFileSync(paths.processes, 'utf8'));
  } catch {
    return [];
  }
}

/**
 * One stack per folder.
 * @returns {{pid: number} | undefined} the process that already uses the folder, or nothing if it is ours now
 */
export function takeFolder() {
  mkdirSync(paths.local, { recursive: true });
  for (;;) {
    try {
      const owner = { pid: process.pid, identity: identityOf(process.pid) };
      writeFileSync(paths.lock, JSON.stringify(owner), { flag: 'wx' });
      return undefined;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    const owner = readOwner();
    if (owner && isAlive(owner)) return owner;
    rmSync(paths.lock, { force: true });
  }
}

export const leaveFolder = () => rmSync(paths.lock, { force: true });

function readOwner() {
  try {
    return JSON.parse(readFileSync(paths.lock, 'utf8'));
  } catch {
    return undefined;
  }
}
