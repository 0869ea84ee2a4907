import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const linesByPlace: Bug = {
  name: 'lines-by-place',
  mistake: 'A product line is taken for the one that stood in its place before.',
  world: (right) =>
    withEvents(right, {
      observe(before, news, orders) {
        const lines = news.lines?.map((line, place) => ({
          ...line,
          mpn: before?.lines?.[place]?.mpn ?? line.mpn,
        }));
        return right.events.observe(before, { ...news, lines: lines ?? null }, orders);
      },
    }),
};
