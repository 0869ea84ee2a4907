/** Somebody else delivers to the endpoint now, or it was removed. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';
  readonly code = 'webhook-endpoint.lease-lost';

  constructor(readonly endpointId: string) {
    super(
      `Webhook endpoint ${endpointId} is delivered to by another process, or is gone. Leave it to that one.`,
    );
  }
}
