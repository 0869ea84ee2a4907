import { AsyncLocalStorage } from 'node:async_hooks';

interface CallCount {
  calls: number;
}

const counting = new AsyncLocalStorage<CallCount>();

/** To be called for every call to CMP: it counts for the run in whose course it was made, though runs share one client. */
export function countCall(): void {
  const count = counting.getStore();
  if (count) count.calls += 1;
}

export const countingCalls = <T>(count: CallCount, work: () => Promise<T>): Promise<T> =>
  counting.run(count, work);
