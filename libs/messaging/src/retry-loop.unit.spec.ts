import { VirtualClock } from '@isthmus/domain';
import { backoffMs, endingLoopsBy, retry, RetryLoop, WakeSignal, type LoopOptions } from './retry-loop.ts';

/** A loop on a clock of its own, with what it did and when, and what it logged. */
function loopOf(run: (round: number) => boolean | void, options: Partial<LoopOptions> = {}) {
  const clock = new VirtualClock(0);
  const at: number[] = [];
  const logged: string[] = [];
  const log = {
    log: (text: string) => logged.push(text),
    warn: (text: string) => logged.push(`warn: ${text}`),
    error: (text: string, error: unknown) => logged.push(`error: ${text} ${String(error)}`),
  };
  const loop = new RetryLoop({
    name: 'Sweeping',
    idleMs: 1_000,
    log,
    clock,
    run: async () => {
      at.push(clock.now());
      return run(at.length);
    },
    ...options,
  });
  return { loop, clock, at, logged };
}

const unreachable = () => Object.assign(new Error('connect'), { code: 'ECONNREFUSED' });

describe('RetryLoop', () => {
  it('goes on at once while there is more to do, and pauses when there is not', async () => {
    const { loop, clock, at } = loopOf((round) => round < 3);
    loop.start();
    await clock.advance(1_500);
    await loop.stop();
    expect(at).toEqual([0, 0, 0, 1_000]);
  });

  it('pauses before the first round when asked to', async () => {
    const { loop, clock, at } = loopOf(() => undefined, { idleFirst: true });
    loop.start();
    await clock.advance(2_500);
    await loop.stop();
    expect(at).toEqual([1_000, 2_000]);
  });

  it('asks after each round how long to pause', async () => {
    const { loop, clock, at } = loopOf(() => undefined, {
      idleMs: () => (clock.now() < 1_000 ? 400 : 2_000),
    });
    loop.start();
    await clock.advance(4_000);
    await loop.stop();
    expect(at).toEqual([0, 400, 800, 1_200, 3_200]);
  });

  it('tries again after failures, more and more rarely, and at the usual pace after a success', async () => {
    const { loop, clock, at, logged } = loopOf((round) => {
      if (round < 8) throw unreachable();
    });
    loop.start();
    await clock.advance(8_500);
    await loop.stop();
    expect(at).toEqual([0, 100, 300, 700, 1_500, 3_100, 5_100, 7_100, 8_100]);
    expect(logged).toEqual([
      'warn: Sweeping interrupted; retrying. Error: connect',
      'Sweeping recovered after 7 failures.',
    ]);
  });

  it('logs each new failure of a series, a defect with its stack', async () => {
    const { loop, clock, logged } = loopOf((round) => {
      if (round < 3) throw unreachable();
      throw new TypeError('no such property');
    });
    loop.start();
    await clock.advance(5_000);
    await loop.stop();
    expect(logged).toEqual([
      'warn: Sweeping interrupted; retrying. Error: connect',
      'error: Sweeping failed; retrying. TypeError: no such property',
    ]);
  });

  it('begins a new series when a round failed after having worked for long', async () => {
    const { loop, clock, at } = loopOf(() => undefined, {
      run: async () => {
        at.push(clock.now());
        if (at.length === 4) await clock.sleep(20_000);
        throw unreachable();
      },
    });
    loop.start();
    await clock.advance(21_000);
    await loop.stop();
    expect(at).toEqual([0, 100, 300, 700, 20_800, 21_000]);
  });

  it('is woken out of its pause, but not out of the one after a failure', async () => {
    const { loop, clock, at } = loopOf((round) => {
      if (round === 2) throw unreachable();
    });
    loop.start();
    await clock.advance(10);
    loop.wake();
    await clock.advance(10);
    loop.wake();
    await clock.advance(500);
    await loop.stop();
    // The second wake-up waits for the end of the pause after the failure, and is then used up by the round after it.
    expect(at).toEqual([0, 10, 110, 110]);
  });

  it('does not lose a wake-up that comes during a round', async () => {
    const { loop, clock, at } = loopOf((round) => {
      if (round === 1) loop.wake();
    });
    loop.start();
    await clock.advance(10);
    await loop.stop();
    expect(at).toEqual([0, 0]);
  });

  it.each([
    ['its pause', () => undefined],
    [
      'the pause after a failure',
      () => {
        throw unreachable();
      },
    ],
  ])('stops in %s without waiting for its end, and can be started again', async (_, run) => {
    const { loop, clock, at } = loopOf(run);
    loop.start();
    await clock.advance(10);
    await loop.stop();
    await clock.advance(10_000);
    expect(at).toEqual([0]);

    loop.start();
    loop.start();
    await clock.advance(10);
    await loop.stop();
    expect(at).toEqual([0, 10_010]);
  });

  it('begins its last round when the program that made it is about to end, and can be stopped after that', async () => {
    const ending = new AbortController();
    const made = endingLoopsBy(ending.signal, () => loopOf(() => undefined));
    const other = loopOf(() => undefined);
    for (const { loop } of [made, other]) loop.start();
    await Promise.all([made, other].map(({ clock }) => clock.advance(1_500)));
    ending.abort();
    await Promise.all([made, other].map(({ clock }) => clock.advance(1_000)));
    expect([made.at, other.at]).toEqual([
      [0, 1_000],
      [0, 1_000, 2_000],
    ]);
    await Promise.all([made.loop.stop(), other.loop.stop()]);
  });

  it('lets the current round come to its end, having told it to stop', async () => {
    const { loop, clock } = loopOf(() => undefined, {
      run: async (signal) => {
        await clock.sleep(1e9, signal).catch(() => undefined);
        ended = true;
        throw new Error('stopped');
      },
    });
    let ended = false;
    loop.start();
    await clock.advance(10);
    await loop.stop();
    expect(ended).toBe(true);
  });
});

describe('retry', () => {
  it('repeats until the work succeeds, and says what failed', async () => {
    const clock = new VirtualClock(0);
    const { signal } = new AbortController();
    const failures: number[] = [];
    const work = async () => {
      if (clock.now() < 500) throw unreachable();
      return clock.now();
    };
    const result = retry(work, { signal, clock, onFailure: (_, count) => failures.push(count) });
    await clock.advance(1_000);
    await expect(result).resolves.toBe(700);
    expect(failures).toEqual([0, 1, 2]);
  });

  it('waits as long as it is told to after each failure, and rejects with the one after which there is no other try', async () => {
    const clock = new VirtualClock(0);
    const at: number[] = [];
    const work = async () => {
      at.push(clock.now());
      throw new Error(`at ${clock.now()}`);
    };
    const result = retry(work, { clock, delayMs: (_, failures) => [50, 250][failures] });
    const rejected = expect(result).rejects.toThrow('at 300');
    await clock.advance(1_000);
    await rejected;
    expect(at).toEqual([0, 50, 300]);
  });

  it('tries once although the signal is aborted already', async () => {
    const signal = AbortSignal.abort();
    await expect(retry(async () => 'done', { signal })).resolves.toBe('done');
    await expect(retry(() => Promise.reject(unreachable()), { signal })).resolves.toBeUndefined();
  });

  it('gives up when the signal is aborted', async () => {
    const clock = new VirtualClock(0);
    const stop = new AbortController();
    const result = retry(() => Promise.reject(unreachable()), { signal: stop.signal, clock });
    await clock.advance(1_000);
    stop.abort();
    await expect(result).resolves.toBeUndefined();
  });
});

it('doubles a pause up to its limit', () => {
  expect([0, 1, 4, 5, 2_000].map((failures) => backoffMs(failures))).toEqual([100, 200, 1_600, 2_000, 2_000]);
  expect(backoffMs(3, { firstMs: 200, maxMs: 5_000 })).toBe(1_600);
});

describe('WakeSignal', () => {
  it('ends a wait by a wake-up, by time or by the signal, whichever is first', async () => {
    const clock = new VirtualClock(0);
    const stop = new AbortController();
    const wake = new WakeSignal(clock);
    const ends: number[] = [];
    const wait = async () => {
      await wake.wait(1_000, stop.signal);
      ends.push(clock.now());
    };
    const first = wait();
    await clock.advance(300);
    wake.wake();
    await first;
    const second = wait();
    await clock.advance(1_200);
    await second;
    wake.wake();
    await wait();
    const last = wait();
    await clock.advance(100);
    stop.abort();
    await last;
    await wait();
    expect(ends).toEqual([300, 1_300, 1_500, 1_600, 1_600]);
  });
});
