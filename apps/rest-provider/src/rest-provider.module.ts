import { Module } from '@nestjs/common';
import { Buy } from './commands/buy.ts';
import { ChangeSubscriptions } from './commands/change.ts';
import { CreateCustomer } from './commands/create-customer.ts';
import { FollowIntents } from './commands/follow-intents.ts';
import { OrderIntents } from './commands/order-intents.ts';
import { PartNumbers } from './commands/part-numbers.ts';
import { ReadInvoices } from './commands/read-invoices.ts';
import { ReadSubscriptions } from './commands/read-subscriptions.ts';
import { AgreementsController } from './http/agreements.controller.ts';
import { Work365Keys } from './http/api-key.verifier.ts';
import { CountriesController } from './http/countries.controller.ts';
import { CustomersController } from './http/customers.controller.ts';
import { InvoicesController } from './http/invoices.controller.ts';
import { NonRecurringItemsController } from './http/non-recurring-items.controller.ts';
import { PriceListsController } from './http/price-lists.controller.ts';
import { SubscriptionStatesController } from './http/subscription-states.controller.ts';
import { SubscriptionsController } from './http/subscriptions.controller.ts';
import { UtilitiesController } from './http/utilities.controller.ts';
import { FinishIntents } from './jobs/finish-intents.job.ts';
import { Agreements } from './persistence/agreements.ts';
import { Intents } from './persistence/intents.ts';
import { ReportedLines } from './persistence/reported-lines.ts';

/** One way in: Work 365 over HTTP. All it knows it asks the other services for; its own are writes and agreements. */
@Module({
  controllers: [
    CustomersController,
    AgreementsController,
    SubscriptionsController,
    SubscriptionStatesController,
    NonRecurringItemsController,
    InvoicesController,
    PriceListsController,
    UtilitiesController,
    CountriesController,
  ],
  providers: [
    Work365Keys,
    ReadSubscriptions,
    ReadInvoices,
    PartNumbers,
    Buy,
    ChangeSubscriptions,
    CreateCustomer,
    OrderIntents,
    FollowIntents,
    Intents,
    ReportedLines,
    Agreements,
    // the clock
    FinishIntents,
  ],
})
export class RestProviderModule {}
