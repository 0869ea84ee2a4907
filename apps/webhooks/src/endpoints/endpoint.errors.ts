/** No endpoint of this tenant has this id. */
export class EndpointNotFound extends Error {
  override readonly name = 'EndpointNotFound';
  readonly code = 'webhook-endpoint.not-found';
  readonly nextStep = 'List the webhook endpoints and take an id from there.';

  constructor(readonly endpointId: string) {
    super(`There is no webhook endpoint ${endpointId}.`);
  }
}

/** It is so already. */
export class EndpointAlready extends Error {
  override readonly name = 'EndpointAlready';
  readonly code = 'webhook-endpoint.already-so';
  readonly nextStep = 'Read the endpoint again to see how it stands.';

  constructor(endpointId: string, status: string) {
    super(`Webhook endpoint ${endpointId} is ${status} already.`);
  }
}

/** Nothing is sent to a disabled endpoint, so nothing can be sent to it again. */
export class EndpointIsDisabled extends Error {
  override readonly name = 'EndpointIsDisabled';
  readonly code = 'webhook-endpoint.disabled';
  readonly nextStep = 'Enable the endpoint first.';

  constructor(endpointId: string) {
    super(`Webhook endpoint ${endpointId} is disabled; nothing is sent to it.`);
  }
}

/** A tenant may have only so many. */
export class TooManyEndpoints extends Error {
  override readonly name = 'TooManyEndpoints';
  readonly code = 'webhook-endpoint.too-many';
  readonly nextStep = 'Remove an endpoint that is not needed any more.';

  constructor(readonly most: number) {
    super(`There are ${most} webhook endpoints already, which is as many as a tenant may have.`);
  }
}
