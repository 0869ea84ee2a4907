import { placeOrder } from '../orders/order-course.ts';
import { readOrderRequest } from '../orders/order-request.ts';
import { acceptanceLink } from '../orders/purchase-parameters.ts';
import { CmpRefusal } from '../wire/errors.ts';
import type { FaultKind } from './fault.ts';
import { gatewayTimeout } from './response-faults.ts';

// Orders that go another way than they should.

/** The order placed by this call waits in `submitted` until `/_control/orders/{id}/confirm`. */
export const portalConfirmation: FaultKind = {
  before({ request }) {
    request.call.placement.parked = true;
  },
};

/** The order placed by this call waits until the customer has accepted `link`: `/_control/orders/{id}/confirm`. */
export const customerAcceptance: FaultKind = {
  before({ request, parameters }) {
    request.call.placement.acceptance = String(parameters.link ?? acceptanceLink('link'));
  },
};

/** The order placed by this call will be completed, but its subscription will not have changed. */
export const completedNotEffective: FaultKind = {
  before({ request }) {
    request.call.placement.ineffective = true;
  },
};

/**
 * For POST /orders: 504 at once, and the order appears `seconds` (default 60) of world time later, unless it is refused
 * by then.
 */
export const lateAccept: FaultKind = {
  before({ context: { account, control }, request, parameters }) {
    const { correlationId, placement } = request.call;
    const { world } = account;
    world.agenda.add(world.now() + Number(parameters.seconds ?? 60) * 1000, (at) => {
      try {
        const order = placeOrder(world, readOrderRequest(request.body), placement);
        control.ledger.record({
          at: new Date(at).toISOString(),
          account,
          correlationId,
          body: request.body,
          order,
        });
      } catch (error) {
        if (!(error instanceof CmpRefusal)) throw error; // refused by now: there is no caller to respond to
      }
    });
    return gatewayTimeout;
  },
};

/** The right order with another total: `amount`, and `currency` if that differs too. */
export const otherTotal: FaultKind = {
  reshape({ parameters }, payload) {
    if (typeof payload !== 'object' || payload === null || !('total' in payload)) return payload;
    const { amount = '0.00', currency } = parameters;
    const total = payload.total as { currency: string };
    return { ...payload, total: { currency: currency ?? total.currency, amount: String(amount) } };
  },
};
