import { type Bug, withEvents } from './bug.ts';

/** Mistakes in reading CMP into the mirror: cursors, and records that cannot be read. */
export const mirrorBugs: readonly Bug[] = [
  {
    name: 'cursor-before-commit',
    mistake: 'A tick moves its cursor with the first page, before the others are stored.',
    world: (right) => withEvents(right, { cursorMoves: 'first' }),
  },
  {
    name: 'cursor-over-gaps',
    seed: 1186,
    mistake: 'A tick whose list lost rows moves its cursor past them.',
    world: (right) => withEvents(right, { cursorAfter: ({ newest }) => newest }),
  },
  {
    name: 'odd-page-left-out',
    mistake: 'A page with a record that cannot be read is left out as a whole.',
    world: (right) =>
      withEvents(right, {
        readable: (records) => (records.every(({ ok }) => ok) ? right.events.readable(records) : []),
      }),
  },
  {
    name: 'odd-record-stops-page',
    mistake: 'What follows on the page of a record that cannot be read is not read.',
    world: (right) =>
      withEvents(right, {
        readable(records) {
          const odd = records.findIndex(({ ok }) => !ok);
          return right.events.readable(odd < 0 ? records : records.slice(0, odd));
        },
      }),
  },
  {
    name: 'odd-record-is-gone',
    mistake: 'Only records that can be read count as listed: the others are taken for gone.',
    world: (right) =>
      withEvents(right, { listed: (records) => records.flatMap(({ ok, id }) => (ok ? id : [])) }),
  },
];
