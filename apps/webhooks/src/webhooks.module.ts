import { BadConfiguration, KeyRing, type ServiceOptions, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { WebhooksEnv } from './config.ts';
import {
  DeliveriesController,
  SendAgainController,
  TestEndpointController,
} from './deliveries/deliveries.controller.ts';
import { Delivery, DeliveryAttempt } from './deliveries/delivery.entity.ts';
import { DeliveryQueue } from './deliveries/delivery-queue.store.ts';
import { DeliveryWorker } from './deliveries/delivery.worker.ts';
import { WebhookSender } from './deliveries/webhook-sender.service.ts';
import { Endpoint, EndpointSecret } from './endpoints/endpoint.entity.ts';
import { EndpointsController, EndpointStatusController } from './endpoints/endpoints.controller.ts';
import { ResealSecrets, SigningSecrets } from './endpoints/signing-secrets.service.ts';
import { StoredEvent } from './events/event.entity.ts';
import { EventHandler } from './events/event.handler.ts';
import { EventStore } from './events/event.store.ts';
import { PruneEvents } from './events/prune-events.job.ts';
import { Migration0001FirstTables } from './migrations/0001-first-tables.ts';

const keyRing = {
  provide: KeyRing,
  inject: [WebhooksEnv],
  useFactory(env: WebhooksEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(env);
    if (ring) return ring;
    const message = 'it or SECRET_RING_FILE must be set; storing signing secrets requires a key';
    throw new BadConfiguration([{ variable: 'SECRET_RING', message }]);
  },
};

/**
 * Every public event is consumed and kept, with a delivery for each endpoint that wants it; it is sent until it arrives, and
 * again on request.
 */
@Module({
  controllers: [
    EndpointsController,
    EndpointStatusController,
    TestEndpointController,
    SendAgainController,
    DeliveriesController,
    EventHandler,
  ],
  providers: [
    keyRing,
    TenantStore,
    SigningSecrets,
    ResealSecrets,
    DeliveryQueue,
    WebhookSender,
    DeliveryWorker,
    EventStore,
    PruneEvents,
  ],
})
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
    entities: [Endpoint, EndpointSecret, StoredEvent, Delivery, DeliveryAttempt],
    migrations: [Migration0001FirstTables],
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
