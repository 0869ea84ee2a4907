import { existsSync, readFileSync } from 'node:fs';
import { claimPort, freePort } from '@isthmus/testing/servers';
import { paths } from './paths.mjs';
import { writePrivate } from './write-private.mjs';

/**
 * A port for each name: the one of the start before, because connectors remember where the simulator was; else the usual
 * one; else, when somebody has that, a free one.
 * @param {Record<string, number>} usual
 * @returns {Promise<Record<string, number>>}
 */
export async function choosePorts(usual) {
  const before = existsSync(paths.ports) ? JSON.parse(readFileSync(paths.ports, 'utf8')) : {};
  const chosen = {};
  for (const [name, port] of Object.entries(usual)) {
    if (before[name] && (await claimPort(before[name]))) chosen[name] = before[name];
    else chosen[name] = (await claimPort(port)) ? port : await freePort();
  }
  writePrivate(paths.ports, JSON.stringify(chosen));
  return chosen;
}
