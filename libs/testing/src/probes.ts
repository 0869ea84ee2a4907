import { setTimeout as sleep } from 'node:timers/promises';

/** Only ends what hangs: no expectation is about how fast a machine is. */
const timeLimitMs = 180_000;

/** Repeats `probe` until it neither throws nor returns undefined or false, and returns its value. Fails with the last error when that never happens. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = timeLimitMs, everyMs = 25 } = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = Date.now() + withinMs;
  let last: unknown = new Error('it never became true');
  for (;;) {
    try {
      const value = await probe();
      if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    } catch (error) {
      last = error;
    }
    if (Date.now() > deadline) throw new Error(`not within ${withinMs / 1000} s`, { cause: last });
    await sleep(everyMs);
  }
}
