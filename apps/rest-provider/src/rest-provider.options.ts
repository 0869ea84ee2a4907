import type { DatabaseOptions, ServiceOptions } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { RestProviderEnv } from './config.ts';
import { InvoicesController } from './billing/invoices.controller.ts';
import { InvoiceReader } from './billing/invoices.service.ts';
import { PriceListsController } from './billing/price-lists.controller.ts';
import { AgreementsController } from './customers/agreements.controller.ts';
import { Agreement, AgreementStore } from './customers/agreements.store.ts';
import { CountriesController, UtilitiesController } from './customers/customer-checks.controller.ts';
import { CustomersController } from './customers/customers.controller.ts';
import { CustomerCreation } from './customers/customers.service.ts';
import {
  Migration0001FirstTables,
  Migration0002SettledOrders,
  Migration0003ReportedLines,
} from './migrations/migrations.ts';
import { SubscriptionChanges } from './ordering/changes.service.ts';
import { NonRecurringItemsController } from './ordering/non-recurring-items.controller.ts';
import { Purchases } from './ordering/purchases.service.ts';
import {
  SubscriptionsController,
  SubscriptionStatesController,
} from './ordering/subscriptions.controller.ts';
import { PartNumbers } from './subscriptions/part-numbers.service.ts';
import { ReportedLine, ReportedLineStore } from './subscriptions/reported-lines.store.ts';
import { SubscriptionReader } from './subscriptions/subscriptions.service.ts';
import { ApiKeys } from './work365/api-keys.service.ts';
import { FinishIntents } from './write-intents/finish-intents.worker.ts';
import { IntentOrders } from './write-intents/intent-orders.service.ts';
import { OrderEvents } from './write-intents/order.events.ts';
import { WriteIntent, WriteIntentStore } from './write-intents/write-intents.store.ts';

const database: DatabaseOptions = {
  entities: [WriteIntent, Agreement, ReportedLine],
  migrations: [Migration0001FirstTables, Migration0002SettledOrders, Migration0003ReportedLines],
};

/** Work 365 is the only client. The data is the other services', read over NATS; writes and agreements are stored here. */
@Module({
  controllers: [
    CustomersController,
    AgreementsController,
    UtilitiesController,
    CountriesController,
    SubscriptionsController,
    SubscriptionStatesController,
    NonRecurringItemsController,
    InvoicesController,
    PriceListsController,
  ],
  providers: [
    ApiKeys,
    CustomerCreation,
    AgreementStore,
    SubscriptionReader,
    PartNumbers,
    ReportedLineStore,
    Purchases,
    SubscriptionChanges,
    WriteIntentStore,
    IntentOrders,
    OrderEvents,
    FinishIntents,
    InvoiceReader,
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
