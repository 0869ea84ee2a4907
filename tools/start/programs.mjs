import { existsSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { paths } from './paths.mjs';

export const logOf = (name) => join(paths.logs, `${name}.log`);

/** A start writes a new log; the one before it stays beside it. */
export function keepOneOldLog(name) {
  if (existsSync(logOf(name))) renameSync(logOf(name), join(paths.logs, `${name}.before.log`));
}

/** The end of a program's log, for the message about its failure. */
export function lastWords(name) {
  const lines = readFileSync(logOf(name), 'utf8').trimEnd().split('\n').slice(-8);
  return `The end of ${logOf(name)}:\n  ${lines.join('\n  ')}`;
}
