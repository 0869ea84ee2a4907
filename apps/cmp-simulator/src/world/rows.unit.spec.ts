import { Rows } from './rows.ts';

const rows = () => new Rows(10, 100, (index) => ({ id: String(100 + index) }));
const ids = (page: { rows: { id: string }[] }) => page.rows.map(({ id }) => Number(id) - 100);

it('lists newest first, added rows before seeded ones', () => {
  const some = rows();
  some.add((index) => ({ id: some.idOf(index) }));
  expect(ids(some.page({ offset: 0, limit: 3 }))).toEqual([10, 9, 8]);
  expect(ids(some.page({ offset: 9, limit: 5 }))).toEqual([1, 0]);
});

it('pages around hidden rows without losing or repeating one', () => {
  const some = rows();
  for (const hidden of [9, 6, 5, 0]) some.hide(hidden);
  const pages = [0, 2, 4, 6].flatMap((offset) => ids(some.page({ offset, limit: 2 })));
  expect(pages).toEqual([8, 7, 4, 3, 2, 1]);
  expect(some.page({ offset: 0, limit: 1 }).total).toBe(6);
});

it('narrows by test, by positions and by bounds, and counts what passes', () => {
  const some = rows();
  some.hide(8);
  expect(some.page({ offset: 1, limit: 2 }, { passes: (index) => index % 2 === 0 })).toEqual({
    rows: [{ id: '104' }, { id: '102' }],
    total: 4,
  });
  expect(ids(some.page({ offset: 0, limit: 9 }, { among: [1, 3, 8] }))).toEqual([3, 1]);
  expect(ids(some.page({ offset: 0, limit: 9 }, { from: 4, before: 7 }))).toEqual([6, 5, 4]);
});

it('keeps a row that was edited and makes the others anew', () => {
  const some = rows();
  some.edit(3).id = 'changed';
  expect(some.at(3).id).toBe('changed');
  expect(some.at(4)).not.toBe(some.at(4));
});

it.each(['99', '110', 'abc', '', '1e2'])('knows no row %p', (id) => {
  expect(rows().indexOf(id)).toBeUndefined();
});

it('finds no hidden row by its id', () => {
  const some = rows();
  some.hide(4);
  expect(some.indexOf('104')).toBeUndefined();
});
