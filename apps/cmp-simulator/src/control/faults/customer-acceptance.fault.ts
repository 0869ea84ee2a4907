import { acceptanceLink } from '../../orders/purchase-parameters.ts';
import type { FaultKind } from './fault-kind.ts';

/** The order placed by this call waits until the customer has accepted `link`: `/_control/orders/{id}/confirm`. */
export const customerAcceptance: FaultKind = {
  before({ request, parameters }) {
    request.call.placement.acceptance = String(parameters.link ?? acceptanceLink('link'));
  },
};
