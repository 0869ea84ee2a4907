import type { ServiceOptions } from '@isthmus/service-kit';
import { SubscriptionLifecycleEnv } from './config.ts';
import { refusalCodes } from './domain/order-refused.error.ts';
import { database } from './persistence/database.ts';
import { SubscriptionLifecycleModule } from './subscription-lifecycle.module.ts';

/** What makes this service this service; `main.ts` and the tests start the same. */
export const subscriptionLifecycle = {
  service: 'subscription-lifecycle',
  title: 'Subscriptions and orders',
  description:
    'Subscriptions as agreed with Work 365; orders, placed at CMP exactly once and followed to the end.',
  module: SubscriptionLifecycleModule,
  config: SubscriptionLifecycleEnv,
  database,
  problems: {
    'order.not-found': 404,
    'subscription.not-found': 404,
    'provider-account.not-found': 404,
    'order.illegal-action': 409,
    'scheduled-change.not-found': 404,
    'scheduled-change.illegal-action': 409,
    'scheduled-change.in-the-past': 422,
    'scheduled-change.too-far-ahead': 422,
    'scheduled-change.setting-at-renewal': 422,
    'scheduled-change.one-at-renewal': 409,
    'order.tenant-parameters-refused': 422,
    'order.differs-from-quote': 422,
    'order.quote-refused': 422,
    'order.quote-without-price': 422,
    'quote.not-found': 404,
    'quote.used': 409,
    'quote.expired': 410,
    'subscription.contract-not-of-account': 422,
    ...Object.fromEntries(refusalCodes.map((code) => [`order.${code}`, 422])),
    'order.connector-removed': 409,
  },
} satisfies ServiceOptions<SubscriptionLifecycleEnv>;
