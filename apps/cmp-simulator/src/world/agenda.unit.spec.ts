import { Agenda } from './agenda.ts';

it('does what is due in order of time, then of entry, and nothing later', () => {
  const agenda = new Agenda();
  const done: string[] = [];
  const note = (name: string) => () => done.push(name);
  for (const [at, name] of [
    [5, 'e'],
    [1, 'a'],
    [3, 'c'],
    [3, 'd'],
    [9, 'late'],
    [2, 'b'],
  ] as const)
    agenda.add(at, note(name));
  agenda.run(5);
  expect(done).toEqual(['a', 'b', 'c', 'd', 'e']);
});

it('does what is entered meanwhile, if it is due too, and tells the instant', () => {
  const agenda = new Agenda();
  const seen: unknown[] = [];
  agenda.add(10, (at) => {
    seen.push(agenda.doing);
    agenda.add(at + 5, () => seen.push(agenda.doing));
    agenda.add(at + 50, () => seen.push('too late'));
  });
  agenda.run(20);
  expect([...seen, agenda.doing]).toEqual([10, 15, undefined]);
});

it('keeps a thousand entries in order', () => {
  const agenda = new Agenda();
  const done: number[] = [];
  for (let n = 0; n < 1000; n++) agenda.add((n * 7919) % 1000, (at) => done.push(at));
  agenda.run(1000);
  expect(done).toEqual([...done].sort((a, b) => a - b));
  expect(done).toHaveLength(1000);
});
