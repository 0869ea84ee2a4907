import { setTimeout as sleep } from 'node:timers/promises';

const firstPauseMs = 1_000;
const longestPauseMs = 30_000;
const steadyMs = 60_000;

/**
 * Starts something and, once it has been up, starts it again whenever it ends by itself, with growing pauses.
 * @template {{exited: Promise<unknown>}} Running
 * @param {string} name
 * @param {() => Promise<Running>} start
 * @param {(line: string) => void} say
 * @param {AbortSignal} signal what ends after it was meant to
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
