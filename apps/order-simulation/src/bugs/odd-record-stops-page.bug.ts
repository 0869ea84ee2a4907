import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const oddRecordStopsPage: Bug = {
  name: 'odd-record-stops-page',
  mistake: 'What follows on the page of a record that cannot be read is not read.',
  world: (right) =>
    withEvents(right, {
      readable(records) {
        const odd = records.findIndex(({ ok }) => !ok);
        return right.events.readable(odd < 0 ? records : records.slice(0, odd));
      },
    }),
};
