import { DomainError } from '@isthmus/domain';

/** No endpoint of this tenant has this id. */
export class EndpointNotFound extends DomainError {
  static override readonly code = 'webhook-endpoint.not-found';

  constructor(endpointId: string) {
    super(`There is no webhook endpoint ${endpointId}.`, {
      nextStep: 'Use an id from GET /v1/webhook-endpoints.',
    });
  }
}

/** It is so already. */
export class EndpointStatusUnchanged extends DomainError {
  static override readonly code = 'webhook-endpoint.already-so';

  constructor(endpointId: string, status: string) {
    super(`Webhook endpoint ${endpointId} is ${status} already.`, {
      nextStep: 'Read the endpoint again to see its current state.',
    });
  }
}

/** Nothing is sent to a disabled endpoint, so nothing can be sent to it again. */
export class EndpointIsDisabled extends DomainError {
  static override readonly code = 'webhook-endpoint.disabled';

  constructor(endpointId: string) {
    super(`Webhook endpoint ${endpointId} is disabled; nothing is sent to it.`, {
      nextStep: 'Enable the endpoint first.',
    });
  }
}

/** The tenant has reached the maximum number of endpoints. */
export class TooManyEndpoints extends DomainError {
  static override readonly code = 'webhook-endpoint.too-many';

  constructor(most: number) {
    super(`There are already ${most} webhook endpoints, the maximum for a tenant.`, {
      nextStep: 'Remove an endpoint that is no longer needed.',
    });
  }
}
