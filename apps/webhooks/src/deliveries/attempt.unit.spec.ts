import fc from 'fast-check';
import { evaluateAttempt } from './attempt.ts';

const now = new Date('2026-11-22T12:00:00Z');
const schedule = [0, 5, 300, 1_800, 7_200, 18_000, 36_000, 36_000].map((seconds) => seconds * 1000);
const hour = 3_600_000;

it('makes eight attempts over 28 hours, and no more', () => {
  const pauses: unknown[] = [];
  for (let tries = 0; tries < 8; tries += 1) {
    const decision = evaluateAttempt({ status: 500 }, tries, schedule, now);
    pauses.push('delayMs' in decision ? decision.delayMs : decision.outcome);
  }
  expect(pauses).toEqual([...schedule.slice(1), 'undelivered']);
  expect(schedule.reduce((sum, pause) => sum + pause, 0) / hour).toBeCloseTo(27.6, 1);
});

it.each([
  [{ status: 429, retryAfter: '120' }, 120_000],
  [{ status: 503, retryAfter: 'Sun, 22 Nov 2026 12:10:00 GMT' }, 600_000],
  [{ status: 503, retryAfter: 'Sun, 22 Nov 2026 11:00:00 GMT' }, 0],
  [{ status: 429, retryAfter: '999999999' }, 24 * hour],
  [{ status: 429, retryAfter: 'soon' }, 0],
  [{ status: 500, retryAfter: '120' }, 0],
])('%j: is left alone for %d ms', (result, holdMs) => {
  expect(evaluateAttempt(result, 0, schedule, now)).toEqual({
    outcome: 'pending',
    holdMs,
    delayMs: Math.max(5_000, holdMs),
  });
});

it('gives an endpoint up that says it is gone, at any attempt', () => {
  expect(evaluateAttempt({ status: 410 }, 0, schedule, now)).toMatchObject({
    outcome: 'undelivered',
    gone: true,
  });
});

it('delivers on 2xx and on nothing else, never waits less than the schedule says, and always comes to an end', () => {
  const result = fc.record(
    { status: fc.integer({ min: 100, max: 599 }), retryAfter: fc.string(), error: fc.constant('timeout') },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(result, fc.nat(20), (given, tries) => {
      const decision = evaluateAttempt(given, tries, schedule, now);
      const ok = given.status !== undefined && given.status >= 200 && given.status < 300;
      expect(decision.outcome === 'delivered').toBe(ok);
      if (decision.outcome === 'pending') {
        expect(tries).toBeLessThan(7);
        expect(decision.delayMs).toBeGreaterThanOrEqual(schedule[tries + 1]!);
        expect(decision.delayMs).toBeGreaterThanOrEqual(decision.holdMs);
      }
    }),
  );
});
