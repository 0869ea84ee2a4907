import type { Account } from './account.ts';
import type { ArmedFault } from './control/fault-book.ts';
import type { RequestEntry } from './control/request-log.ts';
import type { Placement } from './orders/order-course.ts';

/** One request to the marketplace on its way through the simulator. */
export interface Call {
  account: Account;
  entry: RequestEntry;
  correlationId: string;
  /** Faults that apply to it, in the order they were armed. */
  faults: ArmedFault[];
  /** How faults want an order placed. */
  placement: Placement;
}

declare module 'fastify' {
  interface FastifyRequest {
    call: Call;
  }
}
