import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { root } from '../../libs/testing/servers/processes.mjs';

const file = join(root, '.local', 'prepare.lock');

/** Two preparations of one checkout would install over each other; the second waits for the first. */
export async function withLock(work) {
  mkdirSync(join(root, '.local'), { recursive: true });
  let told = false;
  while (!take()) {
    if (!told) process.stdout.write('Another preparation of this checkout is running; waiting for it ...\n');
    told = true;
    await sleep(300);
  }
  const release = () => rmSync(file, { force: true });
  process.once('exit', release);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => process.exit(130));
  try {
    await work();
  } finally {
    release();
    process.removeListener('exit', release);
  }
}

function take() {
  try {
    writeFileSync(file, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code !== 'EEXIST') throw error;
  }
  if (!ownerLives()) rmSync(file, { force: true });
  return false;
}

function ownerLives() {
  try {
    const pid = Number(readFileSync(file, 'utf8'));
    // Between creating the file and writing the number it is empty for an instant: then its owner is alive.
    if (pid > 0) process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
