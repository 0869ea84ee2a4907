import { RateLimiter, WindowLimiter } from '../testbed/limited-server.ts';
import { budgetWorld } from '../testbed/budget-world.ts';

const minute = 60_000;

describe('CallBudget with a known limit', () => {
  it.each([
    [1, 60],
    [2, 60],
    [4, 60],
    [4, 240],
  ])(
    'lets %i processes use 95 to 100 %% of %i calls a minute without a single refusal',
    async (processes, limit) => {
      const { clock, server, process, work } = budgetWorld(processes, new WindowLimiter(limit), {
        callsPerMinute: limit,
      });
      const start = clock.now();
      for (let i = 0; i < processes; i++) void work(process(), 'sync', 4);

      await clock.advance(4 * minute);

      expect(server.refused).toHaveLength(0);
      expect(server.mostInWindow()).toBeLessThanOrEqual(limit);
      expect(server.share(start + minute, clock.now(), limit)).toBeGreaterThanOrEqual(0.95);
    },
  );

  it('paces: after a burst of at most a quarter of the minute there is never silence for long', async () => {
    const { clock, server, process, work } = budgetWorld(7, new WindowLimiter(60), { callsPerMinute: 60 });
    const start = clock.now();
    void work(process(), 'sync', 8);
    await clock.advance(5 * minute);

    expect(server.accepted.filter((at) => at < start + 1000).length).toBeLessThanOrEqual(16);
    const gaps = server.accepted.slice(1).map((at, i) => at - server.accepted[i]!);
    expect(Math.max(...gaps)).toBeLessThan(2500);
  });

  it('asks the store at most four times a call, pacing included', async () => {
    const { clock, store, server, process, work } = budgetWorld(3, new WindowLimiter(300), {
      callsPerMinute: 300,
    });
    void work(process(), 'sync', 4);
    await clock.advance(2 * minute);
    expect(store.trips / server.accepted.length).toBeLessThan(4);
  });
});

describe('CallBudget under Retry-After', () => {
  it('sends nothing from any process until the wait is over, then goes on', async () => {
    const { clock, server, process, work } = budgetWorld(5, new WindowLimiter(30), { callsPerMinute: 60 });
    for (let i = 0; i < 4; i++) void work(process(), 'sync', 4);

    await clock.advance(12 * minute);

    expect(server.insideRetryAfter).toBe(0);
    expect(server.refused.length).toBeGreaterThan(0);
    expect(server.share(clock.now() - 9 * minute, clock.now(), 30)).toBeGreaterThan(0.8);
  });
});

describe('CallBudget with an unknown limit', () => {
  it.each([
    [60, 3],
    [600, 2],
    [3000, 1],
  ])('finds a rate of %i a minute: 85 %% of it is used after 30 s', async (limit, minutes) => {
    const { clock, server, process, work } = budgetWorld(limit, new RateLimiter(limit, limit / 20), {
      callsPerMinute: null,
    });
    for (let i = 0; i < 2; i++) void work(process(), 'sync', 16);

    const start = clock.now();
    await clock.advance(minutes * minute);

    expect(server.share(start + 30_000, clock.now(), limit)).toBeGreaterThanOrEqual(0.85);
    expect(server.insideRetryAfter).toBe(0);
  });

  it('finds a limit that is counted per minute', async () => {
    const { clock, server, process, work } = budgetWorld(11, new WindowLimiter(300), {
      callsPerMinute: null,
    });
    void work(process(), 'sync', 16);
    await clock.advance(5 * minute);
    expect(server.share(clock.now() - 4 * minute, clock.now(), 300)).toBeGreaterThanOrEqual(0.85);
    expect(server.refused.length / server.accepted.length).toBeLessThan(0.01);
  });

  it('is back at 85 % of the limit within 10 s after the limit has halved', async () => {
    const limiter = new RateLimiter(1200, 60);
    const { clock, server, process, work } = budgetWorld(13, limiter, { callsPerMinute: null });
    for (let i = 0; i < 2; i++) void work(process(), 'sync', 16);
    await clock.advance(2 * minute);
    limiter.limit = 600;
    const halved = clock.now();
    await clock.advance(minute);
    expect(server.share(halved + 10_000, halved + minute, 600)).toBeGreaterThanOrEqual(0.85);
    expect(server.insideRetryAfter).toBe(0);
  });
});
