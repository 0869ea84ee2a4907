import type { ServiceOptions } from '@isthmus/service-kit';
import { RestProviderEnv } from './config.ts';
import { Work365Keys } from './http/api-key.verifier.ts';
import { database } from './persistence/database.ts';
import { RestProviderModule } from './rest-provider.module.ts';

/** The service, as `main.ts` and the tests start it. */
export const restProviderOptions: ServiceOptions<RestProviderEnv> = {
  service: 'rest-provider',
  title: "Work 365's Rest Provider",
  description:
    'Customers and subscriptions of one connector, in the words of the Rest Provider contract of Work 365.',
  module: RestProviderModule,
  config: RestProviderEnv,
  database,
  apiKeys: { header: 'work-365-rest-provider-api-key', verifier: Work365Keys },
  problems: {
    'customer.not-found': 404,
    'subscription.not-found': 404,
    'subscription.unknown-id': 400,
    'subscription.purchase-refused': 404,
    'subscription.not-there-yet': 409,
    'subscription.change-under-way': 409,
    'subscription.other-lines-affected': 409,
    'subscription.line-gone': 409,
    'subscription.late-repetition': 409,
    'subscription.id-names-another': 409,
    'connector.paused': 409,
    'provider-account.creation-unclear': 503,
    'provider-account.cmp-away': 503,
    'invoice.not-found': 404,
    'invoice.unbalanced': 409,
  },
};
