import { budgetSimulation, RateLimiter, WindowLimiter } from '../testbed/budget-simulation.ts';
import { type BudgetStore, InMemoryBudgetStore } from './budget-store.ts';
import { CallBudget } from './call-budget.ts';

const minute = 60_000;

describe('CallBudget with a known limit', () => {
  it.each([
    [1, 60, 'sync'],
    [2, 60, 'sync'],
    [4, 60, 'sync'],
    [4, 60, 'scrub'],
    [4, 240, 'sync'],
    [4, 300, 'scrub'],
  ] as const)(
    'lets %i processes use 97 to 100 %% of %i calls a minute for a %s without a single refusal',
    async (processes, limit, lane) => {
      const { clock, server, process, work } = budgetSimulation(processes, new WindowLimiter(limit), {
        callsPerMinute: limit,
      });
      const start = clock.now();
      for (let i = 0; i < processes; i++) void work(process(), lane, 4);

      await clock.advance(9 * minute);

      expect(server.refused).toHaveLength(0);
      expect(server.mostInWindow()).toBeLessThanOrEqual(limit);
      // One call is left to an order, and 1.2 % are lost to the margin.
      expect(server.share(start + minute, clock.now(), limit)).toBeGreaterThanOrEqual(0.97);
    },
  );

  it.each([1, 2, 3, 4, 5, 6])(
    'is never refused a call, of whichever lane, although some take half a second longer to arrive (seed %i)',
    async (seed) => {
      const limiter = new WindowLimiter(60);
      const { clock, server, process, call, work } = budgetSimulation(
        seed,
        limiter,
        { callsPerMinute: 60 },
        500,
      );
      void work(process(), 'sync', 8);
      void work(process(), 'scrub', 8);
      const orders = process();
      for (let n = 0; n < 12; n++) {
        await clock.advance(25_000 + n * 1_711);
        for (let i = 0; i < 10; i++) void call(orders, 'order');
      }
      expect(server.accepted.length).toBeGreaterThan(300);
      expect(server.refused).toHaveLength(0);
      expect(server.mostInWindow()).toBeLessThanOrEqual(60);
    },
  );

  it('leaves a tenth of the minute to the lanes above a scrub while they are in use, and no longer', async () => {
    const { clock, server, process, call, work } = budgetSimulation(5, new WindowLimiter(60), {
      callsPerMinute: 60,
    });
    void work(process(), 'scrub', 4);
    await clock.advance(3 * minute);
    const orders = process();
    let placed = 0;
    const order = () => void call(orders, 'order').then(() => placed++);
    order();
    await clock.advance(45_000);
    expect(placed).toBe(1);
    for (let i = 0; i < 5; i++) order();
    await clock.advance(200);
    expect(placed).toBe(6);
    await clock.advance(2 * minute);
    const quiet = clock.now();
    await clock.advance(4 * minute);
    expect(server.share(quiet, clock.now(), 60)).toBeGreaterThanOrEqual(0.97);
    expect(server.refused).toHaveLength(0);
  });

  it('paces: after a burst of at most a quarter of the minute there is never silence for long', async () => {
    const { clock, server, process, work } = budgetSimulation(7, new WindowLimiter(60), {
      callsPerMinute: 60,
    });
    const start = clock.now();
    void work(process(), 'sync', 8);
    await clock.advance(5 * minute);

    expect(server.accepted.filter((at) => at < start + 1000).length).toBeLessThanOrEqual(16);
    const gaps = server.accepted.slice(1).map((at, i) => at - server.accepted[i]!);
    expect(Math.max(...gaps)).toBeLessThan(2500);
  });

  it('asks the store at most four times a call, pacing included', async () => {
    const { clock, store, server, process, work } = budgetSimulation(3, new WindowLimiter(300), {
      callsPerMinute: 300,
    });
    void work(process(), 'sync', 4);
    await clock.advance(2 * minute);
    expect(store.trips / server.accepted.length).toBeLessThan(4);
  });
});

describe('CallBudget under Retry-After', () => {
  it('sends nothing from any process until the wait is over, then goes on', async () => {
    const { clock, server, process, work } = budgetSimulation(5, new WindowLimiter(30), {
      callsPerMinute: 60,
    });
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
    const { clock, server, process, work } = budgetSimulation(limit, new RateLimiter(limit, limit / 20), {
      callsPerMinute: null,
    });
    for (let i = 0; i < 2; i++) void work(process(), 'sync', 16);

    const start = clock.now();
    await clock.advance(minutes * minute);

    expect(server.share(start + 30_000, clock.now(), limit)).toBeGreaterThanOrEqual(0.85);
    expect(server.insideRetryAfter).toBe(0);
  });

  it('finds a limit that is counted per minute', async () => {
    const { clock, server, process, work } = budgetSimulation(11, new WindowLimiter(300), {
      callsPerMinute: null,
    });
    void work(process(), 'sync', 16);
    await clock.advance(5 * minute);
    expect(server.share(clock.now() - 4 * minute, clock.now(), 300)).toBeGreaterThanOrEqual(0.85);
    expect(server.refused.length / server.accepted.length).toBeLessThan(0.01);
  });

  it('finds the limit although a call was refused when few had been made', async () => {
    const { clock, server, process, work } = budgetSimulation(12, new RateLimiter(600, 30), {
      callsPerMinute: null,
    });
    const [one, other] = [process(), process()];
    for (const budget of [one, other]) void work(budget, 'sync', 16);
    await clock.advance(2_000);
    void one.throttled(1_000);
    await clock.advance(30_000);
    const since = clock.now();
    await clock.advance(minute);
    expect(server.share(since, clock.now(), 600)).toBeGreaterThanOrEqual(0.9);
  });

  it('is back at 85 % of the limit within 10 s after the limit has halved', async () => {
    const limiter = new RateLimiter(1200, 60);
    const { clock, server, process, work } = budgetSimulation(13, limiter, { callsPerMinute: null });
    for (let i = 0; i < 2; i++) void work(process(), 'sync', 16);
    await clock.advance(2 * minute);
    limiter.limit = 600;
    const halved = clock.now();
    await clock.advance(minute);
    expect(server.share(halved + 10_000, halved + minute, 600)).toBeGreaterThanOrEqual(0.85);
    expect(server.insideRetryAfter).toBe(0);
  });
});

describe('CallBudget lanes', () => {
  it('lets an order go at once while syncs of other processes use up the minute', async () => {
    const { clock, process, work } = budgetSimulation(17, new WindowLimiter(60), { callsPerMinute: 60 });
    for (let i = 0; i < 3; i++) void work(process(), 'sync', 8);
    const orders = process();
    const waits: number[] = [];
    for (let i = 0; i < 20; i++) {
      await clock.advance((5 * minute) / 20 + i * 137);
      const requested = clock.now();
      void orders.acquire('order').then(() => waits.push(clock.now() - requested));
    }
    await clock.advance(minute);
    expect(waits).toHaveLength(20);
    expect(Math.max(...waits)).toBeLessThan(20);
  });

  it('serves a rush of orders before any sync, within what the minute has left', async () => {
    const { clock, server, process, call, work } = budgetSimulation(19, new WindowLimiter(60), {
      callsPerMinute: 60,
    });
    void work(process(), 'sync', 4);
    await clock.advance(3 * minute);
    const before = server.accepted.length;
    const orders = process();
    let placed = 0;
    for (let i = 0; i < 20; i++) void call(orders, 'order').then(() => placed++);
    await clock.advance(25_000);

    expect(placed).toBe(20);
    expect(server.accepted.length - before).toBeLessThanOrEqual(26);
    expect(server.mostInWindow()).toBeLessThanOrEqual(60);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])(
    'serves waiting orders before people of another process (seed %i)',
    async (seed) => {
      const { clock, process } = budgetSimulation(seed, new WindowLimiter(60), { callsPerMinute: 60 });
      const [people, orders] = [process(), process()];
      const served: string[] = [];
      const person = () => people.acquire('interactive').then(() => served.push('person'));
      for (let i = 0; i < 60; i++) void person();
      await clock.advance(45_000);
      expect(served).toHaveLength(60);
      for (let i = 0; i < 30; i++) void person();
      for (let i = 0; i < 30; i++) void orders.acquire('order').then(() => served.push('order'));
      await clock.advance(20_000);
      expect(served.slice(60)).toEqual([...Array(30).fill('order'), ...Array(30).fill('person')]);
    },
  );

  it('keeps a tenth of the day for orders and people, and never exceeds the day', async () => {
    const { clock, server, process, work } = budgetSimulation(23, new WindowLimiter(600), {
      callsPerMinute: 600,
      callsPerDay: 500,
    });
    void work(process(), 'sync', 4).catch(() => undefined);
    await clock.advance(5 * minute);
    expect(server.accepted).toHaveLength(450);

    const people = process();
    void work(people, 'interactive', 4).catch(() => undefined);
    await clock.advance(5 * minute);
    expect(server.accepted).toHaveLength(490);

    void work(people, 'order', 4).catch(() => undefined);
    await clock.advance(5 * minute);
    expect(server.accepted).toHaveLength(500);
  });
});

describe('CallBudget towards its callers', () => {
  it('turns a caller away at once, saying when to come back, when the wait is longer than its lane waits', async () => {
    const { clock, process } = budgetSimulation(29, new WindowLimiter(60), { callsPerMinute: 60 });
    const budget = process();
    const closing = budget.throttled(3_600_000);
    await clock.advance(100);
    await closing;
    const refused = budget.acquire('interactive', { operation: 'customers.page' });
    refused.catch(() => undefined);
    await clock.advance(100);
    await expect(refused).rejects.toMatchObject({
      code: 'cmp.throttled',
      outcome: 'not-sent',
      operation: 'customers.page',
    });
    await refused.catch((error: { retryAfterMs: number }) =>
      expect(error.retryAfterMs).toBeGreaterThan(3_590_000),
    );
  });

  it('lets a caller leave the line, without a call being lost for the others', async () => {
    const { clock, process } = budgetSimulation(31, new WindowLimiter(4), { callsPerMinute: 4 });
    const budget = process();
    for (let i = 0; i < 4; i++) void budget.acquire('order');
    await clock.advance(100);
    const abort = new AbortController();
    const leaving = budget.acquire('order', { signal: abort.signal });
    let served = false;
    void budget.acquire('order').then(() => (served = true));
    abort.abort(new Error('gone'));
    await expect(leaving).rejects.toThrow('gone');
    expect(budget.state().waiting.order).toBe(1);
    await clock.advance(minute + 5000);
    expect(served).toBe(true);
  });

  it('says where it stands and why nothing moves', async () => {
    const { clock, process } = budgetSimulation(37, new WindowLimiter(60), {
      callsPerMinute: 60,
      callsPerDay: 5000,
    });
    const budget = process();
    for (let i = 0; i < 70; i++) void budget.acquire('order');
    await clock.advance(1000);
    expect(budget.state()).toMatchObject({
      limit: 60,
      usedLastMinute: 60,
      usedToday: 60,
      dailyLimit: 5000,
      heldBackBy: 'window',
      closedUntil: null,
      waiting: { order: 10, sync: 0 },
    });
  });

  it('fails callers with something to retry when the shared store is down', async () => {
    const down: BudgetStore = {
      get: () => Promise.reject(new Error('no responders')),
      put: () => Promise.resolve(false),
    };
    const budget = CallBudget.of('key', down);
    await expect(budget.acquire('sync')).rejects.toMatchObject({
      code: 'cmp.unavailable',
      reason: 'budget-store',
    });
  });

  it('never gives the store the subscription key', async () => {
    const keys: string[] = [];
    const inner = new InMemoryBudgetStore();
    const store: BudgetStore = {
      get: (key) => (keys.push(key), inner.get(key)),
      put: (key, value, revision) => (keys.push(key, value), inner.put(key, value, revision)),
    };
    await CallBudget.of('0123456789abcdef', store).acquire('order');
    expect(keys.join()).not.toContain('0123456789abcdef');
    expect(keys[0]).toMatch(/^cmp-budget\.[0-9a-f]{40}$/);
  });
});
