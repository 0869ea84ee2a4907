import { Module } from '@nestjs/common';
import { BadConfiguration, KeyRing, TenantStore } from '@isthmus/service-kit';
import { CmpConnections, CmpSettings } from '@isthmus/sync-engine';
import { ChangeRulesOf } from './orders/resolving/order-resolver.service.ts';
import { OrderCommands } from './orders/orders.service.ts';
import { QuoteCommands } from './quotes/quotes.service.ts';
import { ScheduledChangeCommands } from './scheduled-changes/scheduled-changes.service.ts';
import { SubscriptionLifecycleEnv } from './config.ts';
import {
  ChangeSubscriptionController,
  SubscriptionsController,
} from './subscriptions/subscriptions.controller.ts';
import { OrderActionsController, OrdersController } from './orders/orders.controller.ts';
import { QuotesController } from './quotes/quotes.controller.ts';
import { ScheduledChangesController } from './scheduled-changes/scheduled-changes.controller.ts';
import { JoinDefaultContracts, Subscriptions } from './subscriptions/subscription-changes.store.ts';
import { DueChanges, OrderDueChanges } from './scheduled-changes/scheduled-changes.worker.ts';
import { SubscriptionWatch, WatchSubscriptions } from './subscriptions/warnings/subscription-watch.worker.ts';
import { PruneQuotes, Quotes } from './quotes/quotes.store.ts';
import { WorkOnOrders } from './orders/protocol/orders.worker.ts';
import {
  AnswerChangeSubscription,
  AnswerListSubscriptions,
  AnswerReadSubscription,
} from './subscriptions/subscriptions.responder.ts';
import {
  AnswerCountConnectorRecords,
  CloseAccountOnProviderAccountClosed,
  DropLinkOnProviderAccountUnlinked,
  EndPauseOnConnectorResumed,
  KeepAccountOnProviderAccountAppeared,
  KeepAccountOnProviderAccountChanged,
  KeepContractOnBillingContractChanged,
  KeepContractOnBillingContractCreated,
  KeepLinkOnProviderAccountLinked,
  KeepPauseOnConnectorPaused,
  RestoreConnectorOnConnectorCreated,
  StopOrdersOnConnectorRemoved,
} from './accounts/accounts.events.ts';
import { AnswerPlaceOrders, AnswerReadOrders } from './orders/orders.responder.ts';
import {
  EndSubscriptionOnProviderSubscriptionEnded,
  FollowOrderOnProviderOrderSettled,
  KeepOrderOnProviderOrderSeen,
  KeepSubscriptionOnProviderSubscriptionAppeared,
  KeepSubscriptionOnProviderSubscriptionChanged,
} from './subscriptions/provider.events.ts';
import { Orders, PostgresOrderStore } from './orders/order.store.ts';

const keyRing = {
  provide: KeyRing,
  inject: [SubscriptionLifecycleEnv],
  useFactory(env: SubscriptionLifecycleEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(env);
    if (ring) return ring;
    const message = 'it or SECRET_RING_FILE must be set; CMP cannot be signed in to without a key';
    throw new BadConfiguration([{ variable: 'SECRET_RING', message }]);
  },
};

const cmpSettings = {
  provide: CmpSettings,
  inject: [SubscriptionLifecycleEnv],
  useFactory: ({ CMP_CLEAR_REFUSALS: phrases }: SubscriptionLifecycleEnv): CmpSettings => ({
    clearRefusals: phrases
      .split(';')
      .map((phrase) => phrase.trim())
      // A phrase of stars alone would make everything a refusal.
      .filter((phrase) => /[^*\s]/.test(phrase)),
  }),
};

@Module({
  controllers: [
    // people
    OrdersController,
    OrderActionsController,
    QuotesController,
    ScheduledChangesController,
    SubscriptionsController,
    ChangeSubscriptionController,
    // other services
    AnswerChangeSubscription,
    AnswerCountConnectorRecords,
    AnswerListSubscriptions,
    AnswerPlaceOrders,
    AnswerReadOrders,
    AnswerReadSubscription,
    CloseAccountOnProviderAccountClosed,
    DropLinkOnProviderAccountUnlinked,
    EndSubscriptionOnProviderSubscriptionEnded,
    FollowOrderOnProviderOrderSettled,
    KeepAccountOnProviderAccountAppeared,
    KeepAccountOnProviderAccountChanged,
    KeepContractOnBillingContractChanged,
    KeepContractOnBillingContractCreated,
    KeepLinkOnProviderAccountLinked,
    KeepOrderOnProviderOrderSeen,
    KeepPauseOnConnectorPaused,
    EndPauseOnConnectorResumed,
    KeepSubscriptionOnProviderSubscriptionAppeared,
    KeepSubscriptionOnProviderSubscriptionChanged,
    RestoreConnectorOnConnectorCreated,
    StopOrdersOnConnectorRemoved,
  ],
  providers: [
    keyRing,
    cmpSettings,
    TenantStore,
    CmpConnections,
    ChangeRulesOf,
    OrderCommands,
    QuoteCommands,
    Orders,
    PostgresOrderStore,
    Quotes,
    Subscriptions,
    DueChanges,
    SubscriptionWatch,
    ScheduledChangeCommands,
    JoinDefaultContracts,
    // the clock
    OrderDueChanges,
    WatchSubscriptions,
    WorkOnOrders,
    PruneQuotes,
  ],
})
export class SubscriptionLifecycleModule {}
