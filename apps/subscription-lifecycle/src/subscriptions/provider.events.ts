import {
  ProviderOrderSeenV1,
  ProviderOrderSettledV1,
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import { Inbox, Message, On, type Statements } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { followDefaultContract, lockOwnership } from '../accounts/account.store.ts';
import { hurryOrder, orderExplaining, stopOrders } from '../orders/order.store.ts';
import { reason } from '../orders/order.ts';
import { stopForTransfer } from '../orders/protocol/order-policy.ts';
import {
  explainSubscription,
  knownOrders,
  lockExplanations,
  upsertProviderOrder,
} from './provider-order.store.ts';
import { endStatus, type FactChange, observe, observeEnd, toObservation } from './rules/observe.ts';
import { findForUpdate, insertSubscription, storeStep, type SubscriptionStep } from './subscription.store.ts';
import { isEnded, type SubscriptionRow } from './subscription.ts';

/** Keeps subscriptions, and the orders that explain their terms and seats, in step with the mirror of account-sync. */
@Controller()
export class ProviderEvents {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderSubscriptionAppearedV1)
  subscriptionAppeared(news: ProviderSubscriptionAppearedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => applySubscriptionNews(clientOf(em), news, message));
  }

  @On(ProviderSubscriptionChangedV1)
  subscriptionChanged(news: ProviderSubscriptionChangedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => applySubscriptionNews(clientOf(em), news, message));
  }

  @On(ProviderSubscriptionEndedV1)
  subscriptionEnded(news: ProviderSubscriptionEndedV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => endSubscription(clientOf(em), news, message));
  }

  @On(ProviderOrderSeenV1)
  orderSeen(news: ProviderOrderSeenV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => applyOrderNews(clientOf(em), news, message));
  }

  /** An order of ours that the mirror saw completed is followed up now instead of at the next poll. */
  @On(ProviderOrderSettledV1)
  orderSettled(news: ProviderOrderSettledV1, message: Message): Promise<void> {
    return this.inbox.once(message, async (em) => {
      await hurryOrder(clientOf(em), message.tenantId, news.connectorId, news.cmpOrderId);
      await applyOrderNews(clientOf(em), news, message);
    });
  }
}

/** Keeps an order of CMP, and corrects the terms and lots of its subscriptions by what it explains. */
async function applyOrderNews(
  client: Statements,
  news: ProviderOrderSeenV1 | ProviderOrderSettledV1,
  message: Message,
): Promise<void> {
  const { tenantId, correlationId } = message;
  const about = await upsertProviderOrder(client, news, message);
  if (news.status !== 'completed') return;
  for (const cmpSubscriptionId of about.toSorted())
    await explainSubscription(
      client,
      { tenantId, connectorId: news.connectorId, cmpSubscriptionId },
      { correlationId },
    );
}

/** Updates a subscription from events of the mirror; older events change nothing. Publishes the result. */
async function applySubscriptionNews(
  client: Statements,
  news: ProviderSubscriptionChangedV1,
  message: Message,
): Promise<void> {
  // Without our id of its account, the account could miss it, because accounts are processed concurrently with each other.
  await lockOwnership(client, message.tenantId, news.providerAccountId ? 'shared' : 'exclusive');
  const { connectorId, cmpSubscriptionId } = news;
  const atCmp = { tenantId: message.tenantId, connectorId, cmpSubscriptionId };
  const row = await findForUpdate(client, news.providerSubscriptionId, message.tenantId);
  if (!row) await lockExplanations(client, atCmp);
  const order = row && (await orderExplaining(client, row, news));
  const observed = observe(
    row?.state ?? null,
    toObservation(news, message.aggregateVersion),
    await knownOrders(client, atCmp),
  );
  if (!observed) return;
  if (!row) return insertSubscription(client, news, observed.state, message);
  const step = { ...observed, owner: news, orderId: order?.orderId };
  const next = await takeStep(client, row, step, message);
  const { tenantId, providerAccountId } = next;
  const joins = isEnded(row.status) || providerAccountId !== row.providerAccountId;
  if (joins && providerAccountId)
    await followDefaultContract(client, { tenantId, providerAccountId }, message);
}

/**
 * Its final event: ended at CMP, no longer listed, or its connector was removed. A subscription that has already ended does
 * not end again.
 * @throws SubscriptionNotKnownYet
 */
async function endSubscription(
  client: Statements,
  news: ProviderSubscriptionEndedV1,
  message: Message,
): Promise<void> {
  const row = await findForUpdate(client, news.providerSubscriptionId, message.tenantId);
  const status = row && isEnded(row.status) ? row.status : endStatus(news);
  const last = { status, providerVersion: message.aggregateVersion, asOf: Date.parse(news.asOf) };
  const state = observeEnd(news.providerSubscriptionId, row?.state ?? null, last);
  if (!row || !state) return;
  const changes: FactChange[] =
    status === row.status ? [] : [{ fact: 'status', from: row.status, to: status }];
  await takeStep(client, row, { state, changes, owner: news, ended: news.reason }, message);
}

/** Stores a step; orders and scheduled changes of a subscription that has another owner now are stopped. */
async function takeStep(
  client: Statements,
  row: SubscriptionRow,
  step: SubscriptionStep,
  message: Message,
): Promise<SubscriptionRow> {
  const next = await storeStep(client, row, step, message);
  if (next.cmpAccountId !== row.cmpAccountId) await stopForNewOwner(client, row, next);
  return next;
}

async function stopForNewOwner(
  client: Statements,
  { id, tenantId, cmpAccountId: from, cmpSubscriptionId }: SubscriptionRow,
  { cmpAccountId: to }: SubscriptionRow,
): Promise<void> {
  const why = reason(
    'subscription-transferred',
    `CMP lists subscription ${cmpSubscriptionId} under account ${to} now, but the change was scheduled for account ${from}.`,
    'Schedule it again if the new customer wants it.',
  );
  const scope = { tenantId, column: 'subscription_id', id } as const;
  await stopOrders(
    client,
    scope,
    why,
    (order, now) => stopForTransfer(order, { from, to }, now),
    'account-sync',
  );
}
