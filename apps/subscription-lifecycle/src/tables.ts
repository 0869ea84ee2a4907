import type { EntityManager, InferKyselyDB } from '@mikro-orm/postgresql';
import { sql } from 'kysely';
import type {
  AccountLink,
  BillingContract,
  PauseState,
  ProviderAccount,
  RemovalState,
} from './accounts/account.entity.ts';
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

const naming = {
  tableNamingStrategy: 'entity',
  columnNamingStrategy: 'property',
  convertValues: true,
} as const;

/** From the entities themselves: inferred from classes, JSON with an `id`, as an order's record, would pass for a relation. */
type Tables = InferKyselyDB<
  | typeof Order
  | typeof OrderHistory
  | typeof CmpPace
  | typeof ProviderAccount
  | typeof AccountLink
  | typeof BillingContract
  | typeof PauseState
  | typeof RemovalState
  | typeof Subscription
  | typeof SubscriptionHistory
  | typeof ProviderOrder
  | typeof ProviderOrderSubscription
  | typeof PublishedWarning
  | typeof StoredQuote
  | typeof ScheduledChange,
  typeof naming
>;

/**
 * Statements typed by the entities, in the transaction of `em` if it is in one. Each names its tenant. Aliases are short:
 * with one named `order`, MikroORM would take the column `order_id` for that table's `id`.
 */
export const statements = (em: EntityManager) => em.getKysely<Tables, typeof naming>(naming);

/** An instant by the database's clock, so many seconds from now, or ago. */
export const fromNow = (seconds: number) => sql<Date>`now() + make_interval(secs => ${seconds})`;

/** The filters that were given, as conditions for `eb.and`. */
export const given = <T extends object>(filters: T) =>
  Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]: Exclude<T[K], undefined>;
  };
