import fc from 'fast-check';
import { digestOf, likelyId, splitList } from './split-list.ts';

const pagination = { offset: 0, limit: 500, total: 2 };
const listOf = (records: string, more = '') =>
  `{"data":[${records}],"pagination":${JSON.stringify(pagination)}${more}}`;

/** Either what a split yields is exactly the list, or at least one of its records does not parse, or there is no split. */
function recordsOf(text: string): unknown[] | undefined {
  const split = splitList(text);
  if (!split) return undefined;
  try {
    return split.records.map((record) => JSON.parse(record) as unknown);
  } catch {
    return undefined;
  }
}

it('returns each record as CMP sent it, and the rest of the response', () => {
  const records = ['{"id":"1","name":"a"}', '{"id":"2","tags":[1,[2]],"nested":{"id":"7"}}'];
  const split = splitList(listOf(records.join(',')));
  expect(split).toEqual({ envelope: { data: [], pagination }, records });
});

it('accepts white space wherever JSON allows it', () => {
  const records = [{ id: '1' }, { id: '2', tags: [] }];
  expect(recordsOf(JSON.stringify({ pagination, data: records }, null, '\t'))).toEqual(records);
});

it.each([
  ['no records', '{"data":[],"pagination":{"total":0}}'],
  ['no object', '[]'],
  ['no JSON', '<html><title>"data":[{"id":"1"}]</title>'],
  ['an empty body', ''],
  ['a truncated page', listOf('{"id":"1"},{"id":"2"}').slice(0, -20)],
  ['a page that is truncated within a record', '{"data":[{"id":"1"},{"id":"2","na'],
  ['an unreadable rest', listOf('{"id":"1"}', ',"x":1e')],
  ['the list in another place', '{"meta":{"data":[{"id":"1"}]},"data":[]}'],
  ['two lists, of which the last one is empty', '{"data":[{"id":"1"}],"data":[]}'],
  ['a list within a text', JSON.stringify({ message: '"data":[{"id":"1"}]', data: 7 })],
  ['a space that JSON does not know', '{"data":[\u00a0{"id":"1"}]}'],
])('does not split %s', (_, text) => {
  expect(splitList(text)).toBeUndefined();
});

it.each([
  ['a record that is no object', listOf('{"id":"1"},5,{"id":"2"}')],
  ['a list within a record that looks like the list', listOf('{"id":"1","parts":[{"id":"2"},{"id":"3"}]}')],
  ['records that begin differently', listOf('{"id":"1"},{"name":"a","id":"2"}')],
  ['a missing comma', listOf('{"id":"1"}{"id":"2"}')],
  ['a space that JSON does not know between records', listOf('{"id":"1"}\u00a0,{"id":"2"}')],
  ['a raw control character', listOf('{"id":"1","name":"a\nb"},{"id":"2"}')],
  ['two lists, of which the last one counts', '{"data":[{"id":"1"}],"data":[{"id":"2"}]}'],
  ['a list after the list', listOf('{"id":"1"}', ',"links":[{"id":"2"}]')],
])('has a record that does not parse: %s', (_, text) => {
  expect(splitList(text)!.records.every((record) => isJson(record))).toBe(false);
});

it.each([
  ['escaped quotes and brackets', String.raw`{"id":"1","name":"},{\"id\":\"2\"]}"},{"id":"2"}`],
  ['escapes of characters', String.raw`{"id":"1","n\u0061me":"\ud83d\ude00\\"},{"id":"2"}`],
  ['numbers beyond every number', '{"id":"1","a":1e999,"b":-0,"c":1E-999},{"id":"2"}'],
  ['a key that occurs twice', '{"id":"1","id":"2"},{"id":"3","id":null}'],
  ['a prototype', '{"__proto__":{"id":"1"}},{"__proto__":null}'],
  ['nested lists', `{"id":"1","a":${'['.repeat(500)}${']'.repeat(500)}},{"id":"2"}`],
])('splits %s', (_, records) => {
  const text = listOf(records);
  expect(recordsOf(text)).toEqual((JSON.parse(text) as { data: unknown[] }).data);
});

it('never yields anything but the list', () => {
  // No key ends with a backslash: after one, V8 of Node 24 parses the key `"` as a backslash, too.
  const key = fc.constantFrom('id', 'name', 'data', '__proto__', '"', '},{"id":', '\\"', ']');
  const { value } = fc.letrec<{ value: unknown }>((tie) => ({
    value: fc.oneof(
      { maxDepth: 4 },
      fc.constantFrom('},{"id":"1"}', '"data":[{"id":"1"}]', ']', '\\"', '\u00a0', '\u2028', '😀'),
      fc.jsonValue({ maxDepth: 0 }),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key, tie('value'), { maxKeys: 4 }),
    ),
  }));
  const record = fc
    .tuple(value, fc.dictionary(key, value, { maxKeys: 4 }))
    .map(([id, rest]) => ({ id, ...rest }));
  const list = fc.array(fc.oneof({ weight: 19, arbitrary: record }, { weight: 1, arbitrary: value }), {
    minLength: 1,
    maxLength: 3,
  });
  const rest = fc.dictionary(fc.constantFrom('pagination', 'links', 'data'), value);
  const damage = fc.option(
    fc.tuple(fc.nat(), fc.constantFrom('', '"', '{', '}', ']', ',', '\\', '},{"id":')),
    {
      nil: undefined,
      freq: 1,
    },
  );
  let split = 0;
  fc.assert(
    fc.property(
      list,
      rest,
      rest,
      fc.constantFrom(undefined, 1, '\t'),
      damage,
      (data, before, after, space, harm) => {
        let text = JSON.stringify({ ...before, data, ...after }, null, space);
        if (harm)
          text = text.slice(0, harm[0] % text.length) + harm[1] + text.slice((harm[0] % text.length) + 1);
        const records = recordsOf(text);
        if (!records) return;
        split += 1;
        expect(records).toEqual((JSON.parse(text) as { data: unknown[] }).data);
      },
    ),
    { numRuns: 2_000 },
  );
  expect(split).toBeGreaterThan(100);
});

it('finds the id of an ordinary record', () => {
  expect(likelyId('{"id":"1000065","name":"a"}')).toBe('1000065');
  expect(likelyId('{"name":"a","id" : 7}')).toBe('7');
  expect(likelyId('{"name":"a"}')).toBe('');
});

it('has another digest for another text and for another mapping', () => {
  const digests = [digestOf('1', '{"id":"1"}'), digestOf('1', '{"id": "1"}'), digestOf('2', '{"id":"1"}')];
  expect(new Set(digests).size).toBe(3);
  for (const digest of digests) expect(digest).toMatch(/^[0-9a-f]{32}$/);
});

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
