import { BadConfiguration, KeyRing, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { WebhooksEnv } from '../config.ts';
import { EndpointsController, EndpointStatusController } from './endpoints.controller.ts';
import { ResealSecrets, SigningSecrets } from './signing-secrets.service.ts';

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

/** Webhook endpoints and their signing secrets. */
@Module({
  controllers: [EndpointsController, EndpointStatusController],
  providers: [keyRing, TenantStore, SigningSecrets, ResealSecrets],
  exports: [SigningSecrets],
})
export class EndpointsModule {}
