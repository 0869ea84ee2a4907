import { auditTables, KeyRingInstance, type ServiceOptions, WitnessedAuditHead } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { WebhooksEnv } from './config.ts';
import { DeliveriesModule } from './deliveries/deliveries.module.ts';
import { Delivery, DeliveryAttempt } from './deliveries/delivery.entity.ts';
import { Endpoint, EndpointSecret } from './endpoints/endpoint.entity.ts';
import { EndpointsModule } from './endpoints/endpoints.module.ts';
import { StoredEvent } from './events/event.entity.ts';
import { EventsModule } from './events/events.module.ts';
import * as migrations from './migrations/migrations.ts';

/**
 * Consumes and stores every public event, with a delivery for each endpoint that subscribes to it; it is sent with retries, and
 * again on request.
 */
@Module({ imports: [EndpointsModule, DeliveriesModule, EventsModule] })
class WebhooksModule {}

/** The service, as `main.ts` and the tests start it. */
export const webhooksOptions: ServiceOptions<WebhooksEnv> = {
  service: 'webhooks',
  title: 'Webhooks',
  description:
    "Delivers every event to the tenant's endpoints, signed (Standard Webhooks), until it arrives.",
  module: WebhooksModule,
  config: WebhooksEnv,
  database: {
    entities: [
      ...[Endpoint, EndpointSecret, StoredEvent, Delivery, DeliveryAttempt, KeyRingInstance],
      ...[...auditTables, WitnessedAuditHead],
    ],
    migrations: Object.values(migrations),
  },
  backlog: {
    'webhook-delivery': `deliveries d join endpoints e on e.id = d.endpoint_id
      where d.status = 'pending' and d.next_attempt_at <= now() and e.status = 'enabled'`,
  },
  // Events that arrive at the same moment are stored together.
  messaging: { concurrency: 100 },
  problems: {
    'webhook-endpoint.not-found': 404,
    'webhook-endpoint.already-so': 409,
    'webhook-endpoint.disabled': 409,
    'webhook-endpoint.too-many': 409,
    'webhook-delivery.not-found': 404,
    'webhook-event.not-kept': 404,
    'secret.key-missing': 503,
    'secret.not-opened': 409,
  },
};
