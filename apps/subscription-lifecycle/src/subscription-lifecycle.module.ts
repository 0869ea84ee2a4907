import { BadConfiguration, KeyRing, TenantStore } from '@isthmus/service-kit';
import { CmpConnections, CmpSettings } from '@isthmus/sync-engine';
import { Global, Module } from '@nestjs/common';
import { AccountsModule } from './accounts/accounts.module.ts';
import { SubscriptionLifecycleEnv } from './config.ts';
import { OrdersModule } from './orders/orders.module.ts';
import { QuotesModule } from './quotes/quotes.module.ts';
import { ScheduledChangesModule } from './scheduled-changes/scheduled-changes.module.ts';
import { SubscriptionsModule } from './subscriptions/subscriptions.module.ts';

const keyRing = {
  provide: KeyRing,
  inject: [SubscriptionLifecycleEnv],
  useFactory(env: SubscriptionLifecycleEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(env);
    if (ring) return ring;
    const message = 'it or SECRET_RING_FILE must be set; signing in to CMP requires a key';
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
export class SubscriptionLifecycleModule {}
