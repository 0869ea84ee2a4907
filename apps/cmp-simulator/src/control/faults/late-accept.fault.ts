import { placeOrder } from '../../orders/order-course.ts';
import { readOrderRequest } from '../../orders/order-request.ts';
import { CmpRefusal, proxyPage } from '../../wire/errors.ts';
import type { FaultKind } from './fault-kind.ts';

/**
 * For POST /orders: 504 at once, and the order appears `seconds` (default 60) of world time later, unless it is refused
 * by then.
 */
export const lateAccept: FaultKind = {
  before({ simulator, request, parameters }) {
    const { account, correlationId, placement } = request.call;
    const { world } = account;
    world.agenda.add(world.now() + Number(parameters.seconds ?? 60) * 1000, (at) => {
      try {
        const order = placeOrder(world, readOrderRequest(request.body), placement);
        simulator.ledger.note({
          at: new Date(at).toISOString(),
          account,
          correlationId,
          body: request.body,
          order,
        });
      } catch (error) {
        if (!(error instanceof CmpRefusal)) throw error; // refused by now: nobody is there to be told
      }
    });
    return { status: 504, body: proxyPage(504, 'Gateway Time-out'), contentType: 'text/html' };
  },
};
