import { boundText, changedFields } from './changed-fields.ts';

it('says of a change only the fields that differ, as JSON has them', () => {
  const at = new Date('2026-11-27T08:00:00.000Z');
  const before = { name: 'a', seats: 3, lots: [{ seats: 3 }], same: { deep: [1] }, left: undefined };
  const after = { name: 'b', seats: 3, lots: [{ seats: 4 }], same: { deep: [1] }, at };
  expect(changedFields(before, after)).toEqual({
    before: { name: 'a', lots: [{ seats: 3 }], at: null },
    after: { name: 'b', lots: [{ seats: 4 }], at: '2026-11-27T08:00:00.000Z' },
  });
});

it('says everything of what is new or gone, and nothing of what stays equal', () => {
  expect(changedFields(null, { name: 'a' })).toEqual({ before: null, after: { name: 'a' } });
  expect(changedFields({ name: 'a' }, null)).toEqual({ before: { name: 'a' }, after: null });
  expect(changedFields({ name: 'a', b: null }, { name: 'a' })).toBeNull();
  expect(changedFields(undefined, undefined)).toEqual({ before: null, after: null });
});

it.each([
  ['password', 'Pa55'],
  ['subscriptionKey', 'feedface'],
  ['secret', 'whsec_1'],
  ['sealed', 'v1:abc'],
  ['accessToken', 'abc'],
  ['apiKey', 'isthmus_1'],
  ['key', 'isthmus_1'],
  ['hash', 'abc'],
])('never shows what is called %s, at any depth', (name, value) => {
  const after = { list: [{ [name]: value }], [name]: value, other: 'seen' };
  const shown = changedFields(null, after);
  expect(JSON.stringify(shown)).not.toContain(value);
  expect(shown!.after).toMatchObject({ [name]: 'changed', list: [{ [name]: 'changed' }], other: 'seen' });
});

it('leaves out what an address hides in its query or before its host', () => {
  const url = 'https://user:pw@hooks.example/in?secret=CANARY#top';
  expect(changedFields(null, { url })!.after).toEqual({ url: 'https://hooks.example/in?…' });
  expect(changedFields({ url: 'https://a.example/?x=1' }, { url: 'https://a.example/?x=2' })).toEqual({
    before: { url: 'https://a.example/?…' },
    after: { url: 'https://a.example/?…' },
  });
});

it('cuts what is long, wide or deep, and what PostgreSQL cannot store', () => {
  expect(boundText('x'.repeat(600))).toBe(`${'x'.repeat(500)}…`);
  expect(boundText('a\0b\ud800c')).toBe('a\ufffdb\ufffdc');
  expect(boundText(`${'x'.repeat(499)}😀 and more`).isWellFormed()).toBe(true);
  const wide = changedFields(null, { list: Array.from({ length: 60 }, (_, index) => index) })!.after!;
  expect(wide.list).toHaveLength(51);
  expect((wide.list as unknown[]).at(-1)).toBe('… and 10 more');
  let deep: object = { end: true };
  for (let depth = 0; depth < 30; depth += 1) deep = { deep };
  expect(JSON.stringify(changedFields(null, deep)).length).toBeLessThan(200);
  const huge = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, 'y'.repeat(400)]));
  expect(changedFields(null, huge)!.after).toMatchObject({ omitted: expect.any(String) });
});
