import { readFileSync } from 'node:fs';

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
