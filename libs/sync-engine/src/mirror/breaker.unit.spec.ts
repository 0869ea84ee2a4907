import { endingsAllowed } from './breaker.ts';

const limits = { rows: 5, share: 0.1 };

it.each([
  ['a few endings in a small world', 20, 0, 5],
  ['a share of a large one', 1_000, 0, 100],
  ['what a person approved, when that is more', 1_000, 400, 400],
  ['the limit still, when less was approved', 1_000, 7, 100],
])('allows %s', (_, live, approved, allowed) => {
  expect(endingsAllowed(limits, live, approved)).toBe(allowed);
});
