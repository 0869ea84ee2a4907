import { CmpConnections, CmpSettings } from '@isthmus/cmp-connections';
import {
  auditTables,
  type DatabaseOptions,
  IdempotencyKey,
  KeyRing,
  keyRingProvider,
  type ServiceOptions,
  TenantStore,
} from '@isthmus/service-kit';
import { Global, Module } from '@nestjs/common';
import {
  AccountLink,
  BillingContract,
  GuardSettings,
  PauseState,
  ProviderAccount,
  RemovalState,
} from './accounts/account.entity.ts';
import { AccountsModule } from './accounts/accounts.module.ts';
import { SubscriptionLifecycleEnv } from './config.ts';
import * as migrations from './migrations/migrations.ts';
import { OrderCall } from './orders/calls/order-call.entity.ts';
import { CmpPace, Order, OrderHistory } from './orders/order.entity.ts';
import { refusalCodes } from './orders/order.errors.ts';
import { OrdersModule } from './orders/orders.module.ts';
import { StoredQuote } from './quotes/quote.entity.ts';
import { QuotesModule } from './quotes/quotes.module.ts';
import { ScheduledChange } from './scheduled-changes/scheduled-change.entity.ts';
import { ScheduledChangesModule } from './scheduled-changes/scheduled-changes.module.ts';
import {
  ProviderOrder,
  ProviderOrderSubscription,
  PublishedWarning,
  Subscription,
  SubscriptionHistory,
} from './subscriptions/subscription.entity.ts';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.ts';

const keyRing = keyRingProvider(
  SubscriptionLifecycleEnv,
  'SECRET_RING',
  'credentials of connectors are sealed',
);

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

/** Used by every feature: the tenant's rows, and CMP. */
@Global()
@Module({
  providers: [keyRing, cmpSettings, TenantStore, CmpConnections],
  exports: [KeyRing, CmpSettings, TenantStore, CmpConnections],
})
class SharedModule {}

@Module({
  imports: [
    SharedModule,
    AccountsModule,
    OrdersModule,
    QuotesModule,
    ScheduledChangesModule,
    SubscriptionsModule,
  ],
})
class SubscriptionLifecycleModule {}

const database: DatabaseOptions = {
  entities: [
    Order,
    OrderHistory,
    CmpPace,
    OrderCall,
    ProviderAccount,
    AccountLink,
    BillingContract,
    GuardSettings,
    PauseState,
    RemovalState,
    Subscription,
    SubscriptionHistory,
    ProviderOrder,
    ProviderOrderSubscription,
    PublishedWarning,
    StoredQuote,
    ScheduledChange,
    IdempotencyKey,
    ...auditTables,
  ],
  migrations: Object.values(migrations),
};

/** The service's options; `main.ts` and the tests start it with the same ones. */
export const subscriptionLifecycle = {
  service: 'subscription-lifecycle',
  title: 'Subscriptions and orders',
  description:
    'Subscriptions as agreed with Work 365, and orders, placed at CMP exactly once and followed until they end.',
  module: SubscriptionLifecycleModule,
  config: SubscriptionLifecycleEnv,
  database,
  backlog: { order: 'orders where next_step_at <= now()' },
  problems: {
    'order.not-found': 404,
    'subscription.not-found': 404,
    'provider-account.not-found': 404,
    'order.illegal-action': 409,
    'order.quote-needed': 409,
    'order.own-approval': 403,
    'order.content-differs': 409,
    'order.superseded': 409,
    'order.approval-expired': 409,
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
