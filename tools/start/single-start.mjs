import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { identityOf, isAlive } from './process-identity.mjs';
import { paths } from './paths.mjs';

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
