import fc from 'fast-check';
import { escapeLiteral } from 'pg';
import { statementShape } from './statement-shape.ts';

it.each([
  ["select * from a where b = 'x'", 'select * from a where b = ?'],
  ["select 'it''s', 'a' 'b'", 'select ?, ? ?'],
  ["select E'it\\'s', e'\\\\', 'c'", 'select ?, ?, ?'],
  ["select 'C:\\', 'x'", 'select ?, ?'],
  ["select x'1f', B'01', n'x', U&'d\\0061t' uescape '!'", 'select ?, ?, ?, ? uescape ?'],
  ["select type'a'", 'select type?'],
  ["select $$it's$$, $a$ $b$ $a$, $1, a$1", 'select ?, ?, $1, a$1'],
  ['select $1::text, $22', 'select $1::text, $22'],
  ['limit 10 offset 2.5e-3', 'limit ? offset ?'],
  ['select 0xFF, 1_000, .5, 5., -1', 'select ?, ?, ?, ?, -?'],
  ['select t1.c2 from t1 as "T 1" where "a""1" = 7', 'select t1.c2 from t1 as "T 1" where "a""1" = ?'],
  ["insert into a values (array[1, 2], '{1,2}'::int[])", 'insert into a values (array[?, ?], ?::int[])'],
  ["select date '2026-01-01', interval '1 day', null, true", 'select date ?, interval ?, null, true'],
  ["select a->>'key' #> '{x}' ? 'y'", 'select a->>? #> ? ? ?'],
  ["-- 'a'\nselect 1 -- 5", 'select ?'],
  ["select /* 'a' /* 2 */ */ b", 'select   b'],
  ["select größe1 from 'x", 'select größe1 from ?'],
  ['select $a$ without an end', 'select ?'],
])('of %s is %s', (sql, shape) => {
  expect(statementShape(sql)).toBe(shape);
});

/** Parts of statements with their shapes. What is in a literal is arbitrary. */
const value = fc.string({ unit: fc.constantFrom(...'abe019 \'"\\$?/*-;(){}E&\n\u00fc') });
const literal = fc.oneof(
  value.map((text) => escapeLiteral(text).trimStart()),
  value.map((text) => `E'${text.replace(/[\\']/g, '\\$&')}'`),
  value.map((text) => `$tag$${text.replaceAll('$', '')}$tag$`),
  value.map((text) => `'${text.replaceAll("'", "''")}'`),
  fc.integer({ min: 0 }).map(String),
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
);
const kept = fc.constantFrom(
  'select',
  '"a ""1 \'x"',
  'from t_1',
  '$3',
  '::text',
  ',',
  '(',
  ')',
  '=',
  'größe',
  'in',
  '||',
);

it('of any statement has none of its values, and everything else', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          literal.map((sql) => [sql, '?'] as const),
          kept.map((sql) => [sql, sql] as const),
        ),
        {
          minLength: 1,
          maxLength: 20,
        },
      ),
      (parts) => {
        const sql = parts.map(([text]) => text).join(' ');
        const shape = parts.map(([, told]) => told).join(' ');
        expect(statementShape(sql, 1_000_000)).toBe(shape);
      },
    ),
    { numRuns: 2_000 },
  );
});

it('of a huge statement is found by looking at its beginning', () => {
  const huge = `insert into a values (${Array.from({ length: 200_000 }, (_, at) => `'v${at}'`).join(', ')})`;
  const shape = statementShape(huge);
  expect(shape).toMatch(/^insert into a values \((\?, )+\??$/);
  expect(shape.length).toBeLessThanOrEqual(2_000);
  expect(statementShape(`select '${'x'.repeat(10_000_000)}', b`)).toBe('select ?, b');
});
