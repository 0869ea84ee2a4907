import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const oddRecordIsGone: Bug = {
  name: 'odd-record-is-gone',
  mistake: 'Only records that can be read count as listed: the others are taken for gone.',
  world: (right) =>
    withEvents(right, { listed: (records) => records.flatMap(({ ok, id }) => (ok ? id : [])) }),
};
