import { canonicalHash, canonicalJson, derivedUuid } from './canonical-hash.ts';

it('is the same for equal values whose members were built in another order', () => {
  const one = { b: [{ d: 1, c: null }], a: '1' };
  const other = { a: '1', b: [{ c: null, d: 1 }] };
  expect(canonicalJson(one)).toBe('{"a":"1","b":[{"c":null,"d":1}]}');
  expect(canonicalHash(one)).toBe(canonicalHash(other));
});

it.each([
  ['a value', { a: 1 }, { a: 2 }],
  ['the order of a list', [1, 2], [2, 1]],
  ['null and nothing', { a: null }, {}],
  ['a number and its text', { a: 1 }, { a: '1' }],
  ['no body and an empty one', undefined, {}],
])('tells %s apart', (_, one, other) => {
  expect(canonicalHash(one)).not.toBe(canonicalHash(other));
});

it('counts a member that is undefined as absent', () => {
  expect(canonicalHash({ a: 1, b: undefined })).toBe(canonicalHash({ a: 1 }));
});

it('derives the same UUID from the same text', () => {
  expect(derivedUuid('line s-1')).toMatch(/^[\da-f]{8}-[\da-f]{4}-8[\da-f]{3}-8[\da-f]{3}-[\da-f]{12}$/);
  expect(derivedUuid('line s-1')).toBe(derivedUuid('line s-1'));
  expect(derivedUuid('line s-1')).not.toBe(derivedUuid('line s-2'));
});
