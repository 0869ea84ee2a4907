import { withEvents } from './bug.ts';
import type { Bug } from './bug.ts';

export const entryIdByPlace: Bug = {
  name: 'entry-id-by-place',
  mistake:
    'The line that is told first has the id of the subscription, whichever was reported under it before.',
  world: (right) => withEvents(right, { entriesOf: (agreed) => right.events.entriesOf(agreed, []) }),
};
