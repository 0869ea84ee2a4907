/** Somebody else has taken or changed the order since this worker read it; what this worker knew is out of date. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly code = 'order.lease-lost';

  constructor(
    readonly orderId: string,
    readonly fence: number,
  ) {
    super(`Order ${orderId} is no longer held with token ${fence}; its present holder goes on.`);
  }
}
