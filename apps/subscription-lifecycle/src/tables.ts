import { statementsOf } from '@isthmus/messaging';
import { sql } from 'kysely';
import type {
  AccountLink,
  BillingContract,
  GuardSettings,
  PauseState,
  ProviderAccount,
  RemovalState,
} from './accounts/account.entity.ts';
import type { OrderCall } from './orders/calls/order-call.entity.ts';
import type { CmpPace, Order, OrderHistory } from './orders/order.entity.ts';
import type { StoredQuote } from './quotes/quote.entity.ts';
import type { ScheduledChange } from './scheduled-changes/scheduled-change.entity.ts';
import type {
  ProviderOrder,
  ProviderOrderSubscription,
  PublishedWarning,
  Subscription,
  SubscriptionHistory,
} from './subscriptions/subscription.entity.ts';

/** Query builder typed from the entities. */
export const statements = statementsOf<
  | typeof Order
  | typeof OrderHistory
  | typeof CmpPace
  | typeof OrderCall
  | typeof ProviderAccount
  | typeof AccountLink
  | typeof BillingContract
  | typeof GuardSettings
  | typeof PauseState
  | typeof RemovalState
  | typeof Subscription
  | typeof SubscriptionHistory
  | typeof ProviderOrder
  | typeof ProviderOrderSubscription
  | typeof PublishedWarning
  | typeof StoredQuote
  | typeof ScheduledChange
>();

/** An instant by the database's clock, so many seconds from now, or ago. */
export const fromNow = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

/** The filters that were given, as conditions for `eb.and`. */
export const given = <T extends object>(filters: T) =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
