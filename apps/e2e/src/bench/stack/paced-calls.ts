import { CallBudget, CmpThrottled, type Lane } from '@isthmus/cmp-client';
import { VirtualClock } from '@isthmus/domain';

export const perMinute = 60;
export const perDay = 5_000;

export interface PacedCall {
  lane: Lane;
  /** CMP's id of the subscription whose detail is read; such calls are made a few at once, all others one by one. */
  subscription: string | undefined;
}

/** The worker's default for DETAILS_AT_ONCE. */
const atOnce = 8;

/**
 * The times, in ms, at which a call budget lets these calls go at CMP's limits if each is answered at once, and how many of them
 * CMP would refuse.
 */
export async function paceCalls(calls: readonly PacedCall[]): Promise<{ at: number[]; refused: number }> {
  const clock = new VirtualClock();
  const budget = CallBudget.local({
    clock,
    random: () => 0.5,
    assumptions: { callsPerMinute: perMinute, callsPerDay: perDay },
  });
  const at: number[] = [];
  const call = async ({ lane }: PacedCall, index: number): Promise<void> => {
    for (;;) {
      try {
        await budget.acquire(lane);
        at[index] = clock.now();
        return;
      } catch (error) {
        // The run waits, and continues when the budget said it could.
        if (!(error instanceof CmpThrottled)) throw error;
        await clock.sleep(error.retryAfterMs);
      }
    }
  };
  let isDone = false;
  const all = (async () => {
    for (let from = 0; from < calls.length;) {
      let to = from + 1;
      while (calls[from]!.subscription && calls[to]?.subscription && to - from < atOnce) to += 1;
      await Promise.all(calls.slice(from, to).map((one, n) => call(one, from + n)));
      from = to;
    }
  })().finally(() => (isDone = true));
  while (!isDone) await clock.advance(60_000);
  await all;
  return { at, refused: countRefused(at.toSorted((a, b) => a - b)) };
}

/** CMP counts in a sliding minute and a sliding day. */
const countRefused = (at: readonly number[]): number =>
  at.filter(
    (time, n) =>
      (n >= perMinute && at[n - perMinute]! > time - 60_000) ||
      (n >= perDay && at[n - perDay]! > time - 86_400_000),
  ).length;
