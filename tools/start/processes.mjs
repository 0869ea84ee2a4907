import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { paths } from './local-folder.mjs';

/**
 * Tells a process from a later one that was given the same number: the boot it lives in and the tick it began.
 * @returns {string | undefined} undefined when there is no such process, or only its unclaimed exit code
 */
export function identityOf(pid) {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The command in parentheses may itself hold blanks and parentheses; fields are counted behind it (proc(5)).
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
 * Written down before anything else happens to a process, so that a start that is killed leaves nothing unknown behind.
 * @param {NodeJS.Signals} signal the one that ends it cleanly
 */
export function recordProcess(name, pid, signal = 'SIGTERM') {
  const entry = { name, pid, identity: identityOf(pid), signal };
  recorded = [...(recorded ?? readRecord()).filter((other) => other.name !== name), entry];
  const next = `${paths.processes}.new`;
  writeFileSync(next, JSON.stringify(recorded, null, 2));
  renameSync(next, paths.processes);
  if (ending) send(entry, signal);
}

/** Ends everything this start has started, and whatever is still on its way up. */
export async function endAll() {
  ending = true;
  await endLeftovers();
}

/**
 * Ends what is written down and still is the very process it was: nothing else is ever touched.
 * @returns {Promise<string[]>} the names of what was still running
 */
export async function endLeftovers() {
  const running = readRecord().filter(isAlive);
  const servers = ['postgres', 'nats'];
  // Services first: they finish what they have in hand while their database still answers.
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
 * @returns {{pid: number} | undefined} the start that already has the folder, or nothing when it is ours now
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
