import { Module } from '@nestjs/common';
import { BadConfiguration, KeyRing, TenantStore } from '@isthmus/service-kit';
import { WebhooksEnv } from './config.ts';
import { DeliveriesController } from './http/deliveries.controller.ts';
import { EndpointStatusController } from './http/endpoint-status.controller.ts';
import { EndpointsController } from './http/endpoints.controller.ts';
import { SendAgainController } from './http/send-again.controller.ts';
import { TestEndpointController } from './http/test-endpoint.controller.ts';
import { DeliverWebhooks } from './jobs/deliver-webhooks.job.ts';
import { PruneEvents } from './jobs/prune-events.job.ts';
import { ResealSecrets } from './jobs/reseal-secrets.job.ts';
import { StoreOnAnyEvent } from './messaging/store-on-any-event.handler.ts';
import { DueDeliveries } from './persistence/due-deliveries.ts';
import { EventIntake } from './persistence/event-intake.ts';
import { EndpointLeases } from './persistence/endpoint-leases.ts';
import { Pruning } from './persistence/prune.ts';
import { SecretVault } from './persistence/secret-vault.ts';
import { SettleAttempts } from './persistence/settle-attempts.ts';

const keyRing = {
  provide: KeyRing,
  inject: [WebhooksEnv],
  useFactory(env: WebhooksEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(env);
    if (ring) return ring;
    const message = 'it or SECRET_RING_FILE must be set; signing secrets cannot be stored without a key';
    throw new BadConfiguration([{ variable: 'SECRET_RING', message }]);
  },
};

@Module({
  controllers: [
    // people
    EndpointsController,
    EndpointStatusController,
    TestEndpointController,
    SendAgainController,
    DeliveriesController,
    // other services
    StoreOnAnyEvent,
  ],
  providers: [
    keyRing,
    TenantStore,
    SecretVault,
    EventIntake,
    EndpointLeases,
    DueDeliveries,
    SettleAttempts,
    Pruning,
    // the clock
    DeliverWebhooks,
    PruneEvents,
    ResealSecrets,
  ],
})
export class WebhooksModule {}
