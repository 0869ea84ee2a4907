import {
  ProviderOrderSeenV1,
  ProviderOrderSettledV1,
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Controller } from '@nestjs/common';
import { followDefaultContract, lockOwnership } from '../accounts/account.store.ts';
import { stopOrders } from '../orders/order.store.ts';
import { followUpNow } from '../orders/protocol/hurried-orders.store.ts';
import { reason } from '../orders/order.ts';
import { stopForTransfer } from '../orders/protocol/order-policy.ts';
import {
  explainSubscription,
  knownOrders,
  lockExplanations,
  upsertProviderOrder,
} from './provider-order.store.ts';
import { endStatus, type FactChange, observe, observeEnd, toObservation } from './rules/observe.ts';
import type { SubscriptionRow } from './subscription.entity.ts';
import {
  insertSubscription,
  lockSubscriptions,
  storeStep,
  type SubscriptionStep,
} from './subscription.store.ts';
import { isEnded } from './subscription.ts';
import { orderExplaining } from './subscription-history.store.ts';

/** Keeps subscriptions, and the orders that explain their terms and seats, in step with the mirror of account-sync. */
@Controller()
export class ProviderEvents {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  subscriptionAppeared(event: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => applySubscriptionEvent(em, event, message));
  }

  @On(ProviderSubscriptionChangedV1)
  subscriptionChanged(event: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => applySubscriptionEvent(em, event, message));
  }

  @On(ProviderSubscriptionEndedV1)
  subscriptionEnded(event: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => endSubscription(em, event, message));
  }

  @On(ProviderOrderSeenV1)
  orderSeen(event: ProviderOrderSeenV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => applyOrderEvent(em, event, message));
  }

  /** An order of ours that the mirror saw completed is followed up now instead of at the next poll. */
  @On(ProviderOrderSettledV1)
  orderSettled(event: ProviderOrderSettledV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      await applyOrderEvent(em, event, message);
      // Last, as a subscription is locked before its orders.
      await followUpNow(em, message.tenantId, event.connectorId, event.cmpOrderId);
    });
  }
}

/** Stores an order of CMP, and corrects the terms and lots of its subscriptions according to what the order explains. */
async function applyOrderEvent(
  em: EntityManager,
  event: ProviderOrderSeenV1 | ProviderOrderSettledV1,
  message: Message,
): Promise<void> {
  const { tenantId, correlationId } = message;
  const about = await upsertProviderOrder(em, event, message);
  if (event.status !== 'completed') return;
  for (const cmpSubscriptionId of about.toSorted())
    await explainSubscription(
      em,
      { tenantId, connectorId: event.connectorId, cmpSubscriptionId },
      { correlationId },
    );
}

/** Updates a subscription from events of the mirror; older events change nothing. Publishes the result. */
async function applySubscriptionEvent(
  em: EntityManager,
  event: ProviderSubscriptionChangedV1,
  message: Message,
): Promise<void> {
  // Without our id of its account, the account could miss it, because accounts are processed concurrently with each other.
  await lockOwnership(em, message.tenantId, event.providerAccountId ? 'shared' : 'exclusive');
  const { connectorId, cmpSubscriptionId } = event;
  const atCmp = { tenantId: message.tenantId, connectorId, cmpSubscriptionId };
  const row = await lockNamed(em, event, message);
  if (!row) await lockExplanations(em, atCmp);
  const order = row && (await orderExplaining(em, row, event));
  const observed = observe(
    row?.state ?? null,
    toObservation(event, message.aggregateVersion),
    await knownOrders(em, atCmp),
  );
  if (!observed) return;
  if (!row) return insertSubscription(em, event, observed.state, message);
  const step = { ...observed, owner: event, orderId: order?.orderId };
  const next = await takeStep(em, row, step, message);
  const { tenantId, providerAccountId } = next;
  const joins = isEnded(row.status) || providerAccountId !== row.providerAccountId;
  if (joins && providerAccountId) await followDefaultContract(em, { tenantId, providerAccountId }, message);
}

/**
 * Handles the final event of a subscription: ended at CMP, no longer listed, or its connector was removed. A subscription that
 * has already ended does not end again.
 * @throws SubscriptionNotKnownYet
 */
async function endSubscription(
  em: EntityManager,
  event: ProviderSubscriptionEndedV1,
  message: Message,
): Promise<void> {
  const row = await lockNamed(em, event, message);
  const status = row && isEnded(row.status) ? row.status : endStatus(event);
  const last = { status, providerVersion: message.aggregateVersion, asOf: Date.parse(event.asOf) };
  const state = observeEnd(event.providerSubscriptionId, row?.state ?? null, last);
  if (!row || !state) return;
  const changes: FactChange[] =
    status === row.status ? [] : [{ fact: 'status', from: row.status, to: status }];
  await takeStep(em, row, { state, changes, owner: event, ended: event.reason }, message);
}

const lockNamed = (
  em: EntityManager,
  { providerSubscriptionId }: { providerSubscriptionId: string },
  { tenantId }: Message,
): Promise<SubscriptionRow | undefined> =>
  lockSubscriptions(em, tenantId, [providerSubscriptionId]).executeTakeFirst();

/** Stores a step; orders and scheduled changes of a subscription that has another owner now are stopped. */
async function takeStep(
  em: EntityManager,
  row: SubscriptionRow,
  step: SubscriptionStep,
  message: Message,
): Promise<SubscriptionRow> {
  const next = await storeStep(em, row, step, message);
  if (next.cmpAccountId !== row.cmpAccountId) await stopForNewOwner(em, row, next);
  return next;
}

async function stopForNewOwner(
  em: EntityManager,
  { id, tenantId, cmpAccountId: from, cmpSubscriptionId }: SubscriptionRow,
  { cmpAccountId: to }: SubscriptionRow,
): Promise<void> {
  const why = reason(
    'subscription-transferred',
    `CMP lists subscription ${cmpSubscriptionId} under account ${to} now, but the change was scheduled for account ${from}.`,
    'Schedule it again if the new customer needs it.',
  );
  const scope = { tenantId, of: 'subscriptionId', id } as const;
  await stopOrders(em, scope, why, (order, now) => stopForTransfer(order, { from, to }, now), 'account-sync');
}
