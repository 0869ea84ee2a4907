import { decodeCursor, encodeCursor, page, pageOf } from './paging.ts';

it('a cursor gives back exactly the key it was made of', () => {
  const key = ['2026-01-31T00:00:00Z', 'ü|"x"', 17, null];
  expect(decodeCursor(encodeCursor(key), 4)).toEqual(key);
  expect(decodeCursor(undefined, 4)).toBeUndefined();
});

it.each([
  ['a key of another list', encodeCursor(['a', 'b']), 1],
  ['no JSON', Buffer.from('{').toString('base64url'), 1],
  ['an object in the key', Buffer.from('[{"$gt":""}]').toString('base64url'), 1],
  ['a NUL', encodeCursor(['a\0']), 1],
] as const)('%s is refused', (_, cursor, parts) => {
  expect(() => decodeCursor(cursor, parts)).toThrow(expect.objectContaining({ status: 400 }));
});

it('checks each value against what the list sorts by', () => {
  const id = '5ca1ab1e-0000-4000-8000-000000000000';
  expect(decodeCursor(encodeCursor(['2026-01-31T00:00:00Z', id]), ['time', 'uuid'])).toEqual([
    '2026-01-31T00:00:00Z',
    id,
  ]);
  for (const forged of [
    ['yesterday', id],
    ['2026-01-31T00:00:00Z', '7'],
    [7, id],
    ['2026-W05-1', id],
    ['0000-01-31T00:00:00Z', id],
    ['2026-01-31T00:00:00+99:99', id],
  ]) {
    expect(() => decodeCursor(encodeCursor(forged), ['time', 'uuid'])).toThrow(
      expect.objectContaining({ status: 400 }),
    );
  }
});

it('takes a time as far back as the year 1', () => {
  const key = ['0001-01-01', '0999-12-31T08:00:00Z'];
  expect(decodeCursor(encodeCursor(key), ['time', 'time'])).toEqual(key);
});

it('takes a long number in text for a key, and nothing else', () => {
  expect(decodeCursor(encodeCursor(['12']), ['digits'])).toEqual(['12']);
  for (const forged of ['', 'x', '-1', '1.5', '9'.repeat(19), '2026-01-31T00:00:00Z'])
    expect(() => decodeCursor(encodeCursor([forged]), ['digits'])).toThrow(
      expect.objectContaining({ status: 400 }),
    );
});

it('takes an integer of PostgreSQL, and nothing else', () => {
  expect(decodeCursor(encodeCursor([-7]), ['integer'])).toEqual([-7]);
  for (const forged of [1.5, 2 ** 31, '7', null])
    expect(() => decodeCursor(encodeCursor([forged]), ['integer'])).toThrow(
      expect.objectContaining({ status: 400 }),
    );
});

it('the row beyond the limit is not shown; it only makes the next cursor, of the last row shown', () => {
  const rows = [{ id: 'a' }, { id: 'b' }, { id: 'c' }];
  const show = ({ id }: { id: string }) => id.toUpperCase();
  expect(pageOf(rows, 2, ({ id }) => [id], show)).toEqual({
    data: ['A', 'B'],
    nextCursor: encodeCursor(['b']),
  });
  expect(pageOf(rows, 3, ({ id }) => [id], show)).toEqual({ data: ['A', 'B', 'C'], nextCursor: null });
  expect(pageOf([], 3, () => [], show)).toEqual({ data: [], nextCursor: null });
  expect(page([1], ['x'])).toEqual({ data: [1], nextCursor: encodeCursor(['x']) });
});
