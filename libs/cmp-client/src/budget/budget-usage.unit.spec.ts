import { budgetSimulation, WindowLimiter } from '../testbed/budget-simulation.ts';
import { InMemoryBudgetStore } from './budget-store.ts';
import { readBudget } from './budget-usage.ts';
import { CallBudget } from './call-budget.ts';
import { add, current, freshLedger, total } from './ledger.ts';

const minute = 60_000;

describe('readBudget', () => {
  const limits = { callsPerMinute: 60, callsPerDay: 100 };
  const read = ({ store, clock }: ReturnType<typeof budgetSimulation>, assumptions = limits) => {
    const reading = readBudget('key', store, { assumptions, clock });
    return clock.advance(10).then(() => reading);
  };

  it('adds up what all processes have used, and takes nothing', async () => {
    const simulation = budgetSimulation(41, new WindowLimiter(60), limits);
    const { clock, process } = simulation;
    const [one, other] = [process(), process()];
    for (let i = 0; i < 5; i++) void one.acquire('order');
    for (let i = 0; i < 7; i++) void other.acquire('interactive');
    await clock.advance(1000);
    const at = clock.now();
    const first = await read(simulation);
    expect(first).toMatchObject({
      ...{ perMinute: 60, perDay: 100, usedLastMinute: 12, usedToday: 12, refusedToday: 0 },
      closedUntil: null,
    });
    expect({ ...(await read(simulation)), lanes: [] }).toEqual({ ...first, lanes: [] });
    const untilResetMs = Date.parse(first.resetsAt!) - at;
    expect(untilResetMs).toBeGreaterThan(24 * 60 * minute - minute);
    expect(untilResetMs).toBeLessThanOrEqual(24 * 60 * minute + 15 * minute);

    await clock.advance(2 * minute);
    expect(await read(simulation)).toMatchObject({ usedLastMinute: 0, usedToday: 12 });
    await clock.advance(25 * 60 * minute);
    expect(await read(simulation)).toMatchObject({ usedToday: 0, resetsAt: null });
  });

  it('says which lanes have used up their share of the day, and until when', async () => {
    const simulation = budgetSimulation(43, new WindowLimiter(60), limits);
    const { clock, process } = simulation;
    const budget = process();
    for (let i = 0; i < 2; i++) {
      for (let call = 0; call < 45; call++) void budget.acquire('order');
      await clock.advance(2 * minute);
    }
    const { usedToday, lanes } = await read(simulation);
    expect(usedToday).toBe(90);
    expect(lanes).toEqual([
      { lane: 'order', perDay: 100, heldBackBy: null, until: null },
      { lane: 'interactive', perDay: 98, heldBackBy: null, until: null },
      { lane: 'sync', perDay: 90, heldBackBy: 'day', until: expect.stringMatching(/Z$/) },
      { lane: 'scrub', perDay: 60, heldBackBy: 'day', until: expect.stringMatching(/Z$/) },
    ]);
    expect(Date.parse(lanes[2]!.until!)).toBeGreaterThan(clock.now() + 23 * 60 * minute);
  });

  it('counts every refusal, also those of one burst, and closes all lanes', async () => {
    const simulation = budgetSimulation(47, new WindowLimiter(60), limits);
    const { clock, process } = simulation;
    const [one, other] = [process(), process()];
    const refusals = Promise.all([one.throttled(20_000), one.throttled(20_000), other.throttled(20_000)]);
    await clock.advance(200);
    await refusals;
    const { refusedToday, closedUntil, lanes } = await read(simulation);
    expect(refusedToday).toBe(3);
    expect(Date.parse(closedUntil!)).toBeGreaterThan(clock.now() + 19_000);
    expect(lanes.map(({ heldBackBy }) => heldBackBy)).toEqual(Array(4).fill('closed'));
    await clock.advance(25 * 60 * minute);
    expect(await read(simulation)).toMatchObject({ refusedToday: 0, closedUntil: null });
  });

  it.each([
    ['an earlier release', 250, 30_000],
    ['this one', 1, 30_000],
  ])('counts calls that %s has stored for no less than a minute', async (_, stepMs, at) => {
    const ledger = freshLedger();
    add(ledger.window, at, 59, 250, stepMs);
    const lateMs = at + minute - 1;
    expect(total(current(ledger.window, lateMs, 250, minute))).toBe(59);
    expect(total(current(ledger.window, lateMs + 252, 250, minute))).toBe(0);
  });

  it('knows a key that was never used, and reads what an earlier release stored', async () => {
    const unknown = await readBudget('never used', new InMemoryBudgetStore(), {
      assumptions: { callsPerMinute: null, callsPerDay: null },
    });
    expect(unknown).toMatchObject({ usedToday: 0, refusedToday: 0, perDay: null, resetsAt: null });
    const store = new InMemoryBudgetStore();
    await CallBudget.of('key', store).acquire('order');
    expect(await readBudget('key', store)).toMatchObject({ usedToday: 1, refusedToday: 0 });
  });
});
