import { withRules } from './bug.ts';
import type { Bug } from './bug.ts';

export const noMarker: Bug = {
  name: 'no-marker',
  mistake: 'The order carries nothing of ours by which it could be found again.',
  world: (right) =>
    withRules(right, {
      orderRequest: (ask, marker) => {
        const { poNumber: _number, attributes: _marked, ...bare } = right.rules.orderRequest(ask, marker);
        return bare;
      },
    }),
};
