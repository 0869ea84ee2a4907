import { auditTables, type DatabaseOptions, type ServiceOptions } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { BillingModule } from './billing/billing.module.ts';
import { CallsModule } from './calls/calls.module.ts';
import { Work365Call } from './calls/calls.store.ts';
import { RestProviderEnv } from './config.ts';
import { Agreement } from './customers/agreements.store.ts';
import { CustomersModule } from './customers/customers.module.ts';
import * as migrations from './migrations/migrations.ts';
import { OrderingModule } from './ordering/ordering.module.ts';
import { ReportedLine } from './subscriptions/reported-lines.store.ts';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.ts';
import { ApiKeys } from './work365/api-keys.service.ts';
import { Work365Module } from './work365/work365.module.ts';
import { WriteIntentsModule } from './write-intents/write-intents.module.ts';
import { WriteIntent } from './write-intents/write-intents.store.ts';

const database: DatabaseOptions = {
  entities: [WriteIntent, Agreement, ReportedLine, Work365Call, ...auditTables],
  migrations: Object.values(migrations),
};

/** Work 365 is the only client. The data is the other services', read over NATS; writes and agreements are stored here. */
@Module({
  imports: [
    Work365Module,
    CustomersModule,
    OrderingModule,
    BillingModule,
    SubscriptionsModule,
    WriteIntentsModule,
    CallsModule,
  ],
})
class RestProviderModule {}

/** The service, as `main.ts` and the tests start it. */
export const restProviderOptions: ServiceOptions<RestProviderEnv> = {
  service: 'rest-provider',
  title: "Work 365's Rest Provider",
  description: 'Customers and subscriptions of one connector: the Rest Provider API of Work 365.',
  module: RestProviderModule,
  config: RestProviderEnv,
  database,
  apiKeys: { header: 'work-365-rest-provider-api-key', verifier: ApiKeys },
  passesProblemsOn: true,
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
    'order.awaiting-approval': 409,
    'connector.paused': 409,
    'provider-account.creation-unclear': 503,
    'provider-account.cmp-away': 503,
    'invoice.not-found': 404,
    'invoice.unbalanced': 409,
  },
};
