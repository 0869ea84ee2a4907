import fc from 'fast-check';
import { mergeByTime } from './merge-by-time.ts';

const at = ({ time }: { time: string }) => time;
const row = (time: string, name: string) => ({ time, name });

it('takes the latest of what is next in each list, and says what is left', () => {
  const heads = [
    { rows: [row('5', 'a5'), row('2', 'a2')], more: true },
    { rows: [row('4', 'b4'), row('3', 'b3')], more: false },
    { rows: [], more: false },
  ];
  const { taken, left } = mergeByTime(heads, 3, at);
  expect(taken.map(({ row: { name }, from }) => [name, from])).toEqual([
    ['a5', 0],
    ['b4', 1],
    ['b3', 1],
  ]);
  expect(left).toEqual([true, false, false]);
});

it('keeps the order of a list whose clock went backwards', () => {
  const heads = [
    { rows: [row('1', 'a1'), row('9', 'a9')], more: false },
    { rows: [row('5', 'b5')], more: false },
  ];
  expect(mergeByTime(heads, 10, at).taken.map(({ row: { name } }) => name)).toEqual(['b5', 'a1', 'a9']);
});

it('gives every row once, whatever the size of the pages', () => {
  const lists = fc.array(fc.array(fc.integer({ min: 0, max: 20 })), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(lists, fc.integer({ min: 1, max: 5 }), (times, limit) => {
      const all = times.map((list, from) =>
        list
          .toSorted((a, b) => b - a)
          .map((time, index) => row(String(time).padStart(2, '0'), `${from}.${index}`)),
      );
      const seen: { time: string; name: string }[] = [];
      const place = all.map(() => 0);
      for (let more = true; more;) {
        const heads = all.map((list, index) => ({
          rows: list.slice(place[index], place[index]! + limit),
          more: place[index]! + limit < list.length,
        }));
        const { taken, left } = mergeByTime(heads, limit, at);
        for (const { from } of taken) place[from]! += 1;
        seen.push(...taken.map((one) => one.row));
        more = left.includes(true);
      }
      expect(seen.map(({ name }) => name).toSorted()).toEqual(
        all
          .flat()
          .map(({ name }) => name)
          .toSorted(),
      );
      expect(seen.map(at)).toEqual(all.flat().map(at).toSorted().reverse());
    }),
  );
});
