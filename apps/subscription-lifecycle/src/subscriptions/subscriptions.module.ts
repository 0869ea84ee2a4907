import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.ts';
import { OverviewsController } from './lists/overviews.controller.ts';
import { RenewalsController } from './lists/renewals.controller.ts';
import { ProviderEvents } from './provider.events.ts';
import { JoinDefaultContracts, SubscriptionChanges } from './subscription-changes.store.ts';
import { ChangeSubscriptionController, SubscriptionsController } from './subscriptions.controller.ts';
import { SubscriptionsResponder } from './subscriptions.responder.ts';
import { SubscriptionWatch, WatchSubscriptions } from './warnings/subscription-watch.worker.ts';

@Module({
  imports: [OrdersModule],
  controllers: [
    SubscriptionsController,
    OverviewsController,
    RenewalsController,
    ChangeSubscriptionController,
    SubscriptionsResponder,
    ProviderEvents,
  ],
  providers: [SubscriptionChanges, JoinDefaultContracts, SubscriptionWatch, WatchSubscriptions],
})
export class SubscriptionsModule {}
