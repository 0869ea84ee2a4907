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

/** No delivery of this tenant has this id; those of events that are not kept any more are gone. */
export class DeliveryNotFound extends Error {
  override readonly name = 'DeliveryNotFound';
  readonly code = 'webhook-delivery.not-found';
  readonly nextStep = 'List the deliveries of the endpoint and take an id from there.';

  constructor(readonly deliveryId: string) {
    super(`There is no delivery ${deliveryId}.`);
  }
}

/** A replay cannot begin at an event that is not kept. */
export class EventNotKept extends Error {
  override readonly name = 'EventNotKept';
  readonly code = 'webhook-event.not-kept';
  readonly nextStep = 'Replay since a time instead.';

  constructor(
    readonly eventId: string,
    keepDays: number,
  ) {
    super(
      `Event ${eventId} is not among those kept for replay, which are those of the last ${keepDays} days.`,
    );
  }
}
