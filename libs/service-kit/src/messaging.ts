import type { DynamicModule } from '@nestjs/common';
import { MessagingModule, type MessagingSettings } from '@isthmus/messaging';
import type { ServiceEnv } from './service-env.ts';
import type { ServiceOptions } from './service-options.ts';

/** What a service may say about its messaging; name and address come from the kit. */
export type MessagingChoices = Omit<MessagingSettings, 'service' | 'natsUrl' | 'database'>;

/** Outbox, inbox and handlers for a service with a database; only questions and answers for one without. */
export function messagingModule(
  { service, messaging, database }: ServiceOptions<never>,
  env: ServiceEnv,
): DynamicModule {
  return MessagingModule.forService({
    ...messaging,
    service,
    natsUrl: env.NATS_URL,
    database: database !== undefined,
  });
}
