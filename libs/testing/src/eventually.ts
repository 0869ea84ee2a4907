import { setTimeout as sleep } from 'node:timers/promises';

/** Repeats `probe` until it neither throws nor answers undefined/false; then answers its value. Fails with the last error after `withinMs`. */
export async function eventually<T>(
  probe: () => T | Promise<T>,
  { withinMs = 10_000, everyMs = 25 } = {},
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
    if (Date.now() > deadline) throw new Error(`not within ${withinMs} ms`, { cause: last });
    await sleep(everyMs);
  }
}
