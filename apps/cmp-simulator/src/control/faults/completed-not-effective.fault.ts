import type { FaultKind } from './fault-kind.ts';

/** The order placed by this call will say completed, but its subscription will not have changed. */
export const completedNotEffective: FaultKind = {
  before({ request }) {
    request.call.placement.ineffective = true;
  },
};
