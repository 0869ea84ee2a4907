import { RateLimit } from './access.ts';

const limit = (perMinute: number | null, perDay: number | null) =>
  new RateLimit({ perMinute, perDay, retryAfterHeader: true });

it('slides: a call counts for exactly a minute', () => {
  const gate = limit(2, null);
  expect([gate.take(0), gate.take(30_000)]).toEqual([undefined, undefined]);
  expect(gate.take(59_000)).toEqual({ exceeded: 'minute', retryAfterSeconds: 1 });
  expect(gate.take(60_000)).toBeUndefined();
  expect(gate.take(61_000)).toEqual({ exceeded: 'minute', retryAfterSeconds: 29 });
});

it('does not count refused calls', () => {
  const gate = limit(1, null);
  gate.take(0);
  for (let at = 1000; at < 60_000; at += 1000) expect(gate.take(at)).toBeDefined();
  expect(gate.take(60_000)).toBeUndefined();
});

it('ends the day at its quota and says for how long', () => {
  const gate = limit(null, 2);
  gate.take(0);
  gate.take(1000);
  expect(gate.take(3_600_000)).toEqual({ exceeded: 'day', retryAfterSeconds: 23 * 3600 });
  expect(gate.take(86_400_000)).toBeUndefined();
});

it('lets nothing pass at a limit of none', () => {
  expect(limit(0, null).take(0)).toMatchObject({ exceeded: 'minute' });
  expect(limit(null, 0).take(0)).toMatchObject({ exceeded: 'day' });
});
