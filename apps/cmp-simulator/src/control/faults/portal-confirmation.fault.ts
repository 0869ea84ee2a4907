import type { FaultKind } from './fault-kind.ts';

/** The order placed by this call waits in `submitted` until `/_control/orders/{id}/confirm`. */
export const portalConfirmation: FaultKind = {
  before({ request }) {
    request.call.placement.parked = true;
  },
};
