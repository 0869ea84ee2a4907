import { readFileSync } from 'node:fs';

const parentEveryMs = 1_000;

/**
 * Calls once, on the first sign that it is time to end: Ctrl-C, SIGTERM, a closed terminal, or the death of the npm that
 * started us (npm passes SIGINT and SIGTERM on, and nothing when it is killed).
 * @param {(sign: string) => void} end
 */
export function onEnd(end) {
  let ended = false;
  const once = (sign) => {
    if (ended) return;
    ended = true;
    end(sign);
  };
  for (const sign of ['SIGINT', 'SIGTERM', ...(hangUpIsIgnored() ? [] : ['SIGHUP'])]) process.on(sign, once);

  const parent = process.ppid;
  if (!process.env.npm_lifecycle_event) return;
  setInterval(() => {
    if (process.ppid !== parent) once('npm has ended');
  }, parentEveryMs).unref();
}

/** `nohup npm start` asks to survive the terminal; a handler of ours would undo that. */
function hangUpIsIgnored() {
  try {
    const mask = /^SigIgn:\s*([0-9a-f]+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
    return (BigInt(`0x${mask}`) & 1n) === 1n;
  } catch {
    return false;
  }
}
