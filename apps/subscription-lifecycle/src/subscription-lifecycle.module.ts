import { Module } from '@nestjs/common';
import { BadConfiguration, KeyRing, TenantStore } from '@isthmus/service-kit';
import { CmpConnections, CmpSettings } from '@isthmus/sync-engine';
import { ChangeRulesOf } from './commands/change-rules.ts';
import { OrderCommands } from './commands/order-commands.ts';
import { QuoteCommands } from './commands/quote-commands.ts';
import { ScheduledChangeCommands } from './commands/scheduled-change-commands.ts';
import { SubscriptionLifecycleEnv } from './config.ts';
import { ChangeSubscriptionController } from './http/change-subscription.controller.ts';
import { OrderActionsController } from './http/order-actions.controller.ts';
import { OrdersController } from './http/orders.controller.ts';
import { QuotesController } from './http/quotes.controller.ts';
import { ScheduledChangesController } from './http/scheduled-changes.controller.ts';
import { SubscriptionsController } from './http/subscriptions.controller.ts';
import { JoinDefaultContracts } from './jobs/join-default-contracts.job.ts';
import { OrderDueChanges } from './jobs/order-due-changes.job.ts';
import { WatchSubscriptions } from './jobs/watch-subscriptions.job.ts';
import { PruneQuotes } from './jobs/prune-quotes.job.ts';
import { WorkOnOrders } from './jobs/work-on-orders.job.ts';
import { AnswerChangeSubscription } from './messaging/change-subscription.answer.ts';
import { AnswerCountConnectorRecords } from './messaging/count-connector-records.answer.ts';
import { AnswerListSubscriptions } from './messaging/list-subscriptions.answer.ts';
import { AnswerPlaceOrders } from './messaging/place-orders.answer.ts';
import { AnswerReadOrders } from './messaging/read-orders.answer.ts';
import { AnswerReadSubscription } from './messaging/read-subscription.answer.ts';
import { CloseAccountOnProviderAccountClosed } from './messaging/close-account-on-provider-account-closed.handler.ts';
import { DropLinkOnProviderAccountUnlinked } from './messaging/drop-link-on-provider-account-unlinked.handler.ts';
import { EndSubscriptionOnProviderSubscriptionEnded } from './messaging/end-subscription-on-provider-subscription-ended.handler.ts';
import { FollowOrderOnProviderOrderSettled } from './messaging/follow-order-on-provider-order-settled.handler.ts';
import { KeepAccountOnProviderAccountAppeared } from './messaging/keep-account-on-provider-account-appeared.handler.ts';
import { KeepAccountOnProviderAccountChanged } from './messaging/keep-account-on-provider-account-changed.handler.ts';
import { KeepContractOnBillingContractChanged } from './messaging/keep-contract-on-billing-contract-changed.handler.ts';
import { KeepContractOnBillingContractCreated } from './messaging/keep-contract-on-billing-contract-created.handler.ts';
import {
  EndPauseOnConnectorResumed,
  KeepPauseOnConnectorPaused,
} from './messaging/keep-pause-on-connector-paused.handler.ts';
import { KeepLinkOnProviderAccountLinked } from './messaging/keep-link-on-provider-account-linked.handler.ts';
import { KeepOrderOnProviderOrderSeen } from './messaging/keep-order-on-provider-order-seen.handler.ts';
import { KeepSubscriptionOnProviderSubscriptionAppeared } from './messaging/keep-subscription-on-provider-subscription-appeared.handler.ts';
import { KeepSubscriptionOnProviderSubscriptionChanged } from './messaging/keep-subscription-on-provider-subscription-changed.handler.ts';
import { RestoreConnectorOnConnectorCreated } from './messaging/restore-connector-on-connector-created.handler.ts';
import { StopOrdersOnConnectorRemoved } from './messaging/stop-orders-on-connector-removed.handler.ts';
import { DueChanges } from './persistence/due-changes.ts';
import { Orders } from './persistence/orders.ts';
import { PostgresOrderStore } from './persistence/postgres-order-store.ts';
import { Quotes } from './persistence/quotes.ts';
import { SubscriptionWatch } from './persistence/subscription-watch.ts';
import { Subscriptions } from './persistence/subscriptions.ts';

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
