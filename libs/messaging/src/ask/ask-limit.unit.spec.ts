import { AskLimit } from './ask-limit.ts';

const taken = (limit: AskLimit, tenant: string, times: number, now: number) =>
  Array.from({ length: times }, () => limit.take(tenant, now)).filter(Boolean).length;

it('lets a tenant ask so many at once, then so many a second, and another tenant regardless', () => {
  const limit = new AskLimit(5, 2);
  expect(taken(limit, 'a', 100, 0)).toBe(5);
  expect(taken(limit, 'b', 100, 0)).toBe(5);
  expect(taken(limit, 'a', 100, 499)).toBe(0);
  expect(taken(limit, 'a', 100, 1_500)).toBe(3);
  expect(taken(limit, 'a', 100, 3_600_000)).toBe(5);
});

it('remembers so many tenants, those that asked last', () => {
  const limit = new AskLimit(1, 0, 2);
  expect(['a', 'b', 'a', 'c', 'a', 'b'].map((tenant) => limit.take(tenant, 0))).toEqual([
    true,
    true,
    false,
    true,
    false,
    true,
  ]);
});
