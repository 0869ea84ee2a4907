import { arrayParameter } from './database.ts';

it('writes values that need no quotes as an array literal', () => {
  expect(arrayParameter(['P1M', null, '2026-01-31T10:00:00Z', 'true'])).toBe(
    '{P1M,NULL,2026-01-31T10:00:00Z,true}',
  );
});

it.each(['a,b', '{', '}', '"', '\\', 'two words', 'tab\t', '', 'null', 'NULL'])(
  'leaves a column with %j in it to the driver, wherever it stands',
  (value) => {
    for (const values of [[value], ['a', value], [value, 'a'], ['a', value, null]])
      expect(arrayParameter(values)).toBe(values);
  },
);

it('takes an absent value for null and not for the word', () => {
  expect(arrayParameter([null])).toBe('{NULL}');
  expect(arrayParameter(['nullable', 'annulled'])).toBe('{nullable,annulled}');
});
