import { Module } from '@nestjs/common';
import { CustomersModule } from '../customers/customers.module.ts';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.ts';
import { WriteIntentsModule } from '../write-intents/write-intents.module.ts';
import { SubscriptionChanges } from './changes.service.ts';
import { NonRecurringItemsController } from './non-recurring-items.controller.ts';
import { Purchases } from './purchases.service.ts';
import { SubscriptionsController, SubscriptionStatesController } from './subscriptions.controller.ts';

@Module({
  imports: [CustomersModule, SubscriptionsModule, WriteIntentsModule],
  controllers: [SubscriptionsController, SubscriptionStatesController, NonRecurringItemsController],
  providers: [Purchases, SubscriptionChanges],
})
export class OrderingModule {}
