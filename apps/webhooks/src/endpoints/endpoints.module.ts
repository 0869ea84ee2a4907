import { keyRingProvider, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { WebhooksEnv } from '../config.ts';
import { EndpointsController, EndpointStatusController } from './endpoints.controller.ts';
import { keyRotation } from './endpoint.store.ts';
import { SigningSecrets } from './signing-secrets.service.ts';

/** Webhook endpoints and their signing secrets. */
@Module({
  controllers: [EndpointsController, EndpointStatusController],
  providers: [
    keyRingProvider(WebhooksEnv, 'WEBHOOK_SECRET_RING', 'signing secrets are stored sealed'),
    keyRotation,
    TenantStore,
    SigningSecrets,
  ],
  exports: [SigningSecrets],
})
export class EndpointsModule {}
