import type { ServiceOptions } from '@isthmus/service-kit';
import { WebhooksEnv } from './config.ts';
import { database } from './persistence/database.ts';
import { WebhooksModule } from './webhooks.module.ts';

/** The service, as `main.ts` and the tests start it. */
export const webhooksOptions: ServiceOptions<WebhooksEnv> = {
  service: 'webhooks',
  title: 'Webhooks',
  description:
    'Sends every event to the addresses a tenant names, signed (Standard Webhooks), until it arrives.',
  module: WebhooksModule,
  config: WebhooksEnv,
  database,
  // What is heard at the same moment is stored together.
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
