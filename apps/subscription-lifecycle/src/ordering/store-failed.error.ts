/** The database could not be reached, or did not say whether it stored something. The lease ends by itself. */
export class StoreFailed extends Error {
  override readonly name = 'StoreFailed';
  readonly code = 'order.store-failed';

  constructor(options?: ErrorOptions) {
    super('The store of orders did not answer; the step is taken again when the lease has ended.', options);
  }
}
