import type { OrderAction, OrderStatus } from './order-lifecycle.ts';

/** The life of an order has no such step. */
export class IllegalOrderAction extends Error {
  override readonly name = 'IllegalOrderAction';
  readonly code = 'order.illegal-action';
  readonly nextStep = 'Read the order again to see how it stands.';

  constructor(
    readonly orderId: string,
    readonly status: OrderStatus,
    readonly action: OrderAction,
  ) {
    super(`Order ${orderId} is ${status}; "${action}" is not possible.`);
  }
}
