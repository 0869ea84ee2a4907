import { Injectable } from '@nestjs/common';
import {
  ListSubscriptions,
  ReadSubscription,
  type AgreedSubscriptionV1,
  type ProviderAccountV1,
} from '@isthmus/contracts';
import { DomainError } from '@isthmus/domain';
import { RequestClient } from '@isthmus/messaging';
import { isUUID } from 'class-validator';
import { allPages } from '../all-pages.ts';
import { CustomerNotFound, readAccount } from '../customers/customers.service.ts';
import type { ConnectorRef } from '../work365/work365-client.ts';
import { IntentOrders } from '../write-intents/intent-orders.service.ts';
import type { PurchaseIntent } from '../write-intents/write-intent.ts';
import { WriteIntentStore } from '../write-intents/write-intents.store.ts';
import type { Entry } from './entries.ts';
import { canBeReported, type KnownSubscription } from './known-subscription.ts';
import { ReportedLineStore } from './reported-lines.store.ts';

/** The connector has no subscription of this id. The contract requires 404 for a read or PATCH, and 400 where a state is changed. */
export class SubscriptionNotFound extends DomainError {
  constructor(
    subscriptionId: string,
    code: 'subscription.not-found' | 'subscription.unknown-id' = 'subscription.not-found',
  ) {
    super(`Subscription Id ${subscriptionId} not found`, {
      code,
      nextStep: "Use an id from the list of the customer's subscriptions.",
    });
  }
}

/** CMP refused a purchase after the client had received the response that it is ordered. */
class PurchaseRefused extends DomainError {
  static override readonly code = 'subscription.purchase-refused';

  constructor(subscriptionId: string, why: string, nextStep: string) {
    super(`Subscription Id ${subscriptionId} does not exist: its order was rejected. ${why}`, { nextStep });
  }
}

/** Subscriptions under the ids our clients know: a bought one keeps that of its purchase. */
@Injectable()
export class SubscriptionReader {
  constructor(
    private readonly requests: RequestClient,
    private readonly intents: WriteIntentStore,
    private readonly orders: IntentOrders,
    private readonly lines: ReportedLineStore,
  ) {}

  /**
   * The subscriptions of a customer, including pending purchases. Live ones whose seats have not been read yet are left out
   * and counted.
   * @throws CustomerNotFound
   */
  async ofCustomer(
    connector: ConnectorRef,
    customerId: string,
  ): Promise<{ account: ProviderAccountV1; subscriptions: KnownSubscription[]; leftOut: number }> {
    if (!isUUID(customerId)) throw new CustomerNotFound(customerId);
    const [account, agreed] = await Promise.all([
      readAccount(this.requests, connector, customerId),
      allSubscriptions(this.requests, connector, customerId),
    ]);
    const ids = agreed.map(({ subscriptionId }) => subscriptionId);
    const known = await this.intents.purchasesOf(connector, customerId, ids);
    // After the subscriptions: one that appears between the two reads is then shown as bought, and none is shown twice.
    const purchases = await this.orders.refresh(known);
    const bought = new Map(purchases.map((purchase) => [purchase.subscriptionId, purchase]));
    const entries = await this.lines.entries(connector, agreed);
    const listed = agreed.map((one) =>
      toKnown(one, customerId, entries.get(one.subscriptionId), bought.get(one.subscriptionId)),
    );
    const present = new Set(listed.flat().map(({ id }) => id));
    const absent = purchases.filter(
      ({ id, status }) => status !== 'refused' && status !== 'awaiting-approval' && !present.has(id),
    );
    const pending = await this.#notTransferred(account, connector, absent);
    const unread = listed.filter(({ length }) => length === 0).length;
    return {
      account,
      subscriptions: [...listed.flat(), ...pending.map(toPending)],
      leftOut: unread + (account.unreadSubscriptions ?? 0),
    };
  }

  /**
   * Finds a subscription by the id of its purchase, its own id or that of one of its lines.
   * @throws SubscriptionNotFound, PurchaseRefused
   */
  async one(connector: ConnectorRef, id: string): Promise<KnownSubscription> {
    if (!isUUID(id)) throw new SubscriptionNotFound(id);
    const bought = await this.intents.purchase(connector, id);
    const [purchase] = bought ? await this.orders.refresh([bought]) : [];
    if (purchase?.status === 'refused')
      throw new PurchaseRefused(id, purchase.refusal?.detail ?? '', purchase.refusal?.nextStep ?? '');
    // The purchase may never be approved, so it does not exist for clients yet.
    if (purchase?.status === 'awaiting-approval') throw new SubscriptionNotFound(id);
    const entryId = purchase ? purchase.subscriptionId : id.toLowerCase();
    const agreed = entryId && (await this.#agreed(connector, entryId, purchase !== undefined));
    if (agreed) {
      const entries = await this.lines.entries(connector, [agreed]);
      // The current owner; the subscription may have been bought for another customer.
      const customerId = agreed.providerAccountId ?? purchase?.customerId ?? '';
      const all = toKnown(agreed, customerId, entries.get(agreed.subscriptionId), purchase);
      const found = all.find((one) => (one.entry?.entryId ?? agreed.subscriptionId) === entryId);
      if (!found) throw new SubscriptionNotFound(id);
      return found;
    }
    if (!purchase) throw new SubscriptionNotFound(id);
    return toPending(purchase);
  }

  /** Without those whose subscription was transferred to another customer. */
  async #notTransferred(
    { cmpAccountId }: ProviderAccountV1,
    connector: ConnectorRef,
    purchases: readonly PurchaseIntent[],
  ): Promise<PurchaseIntent[]> {
    const remains = await Promise.all(
      purchases.map(async ({ subscriptionId }) => {
        const agreed = subscriptionId ? await this.#agreed(connector, subscriptionId, true) : undefined;
        return !agreed || agreed.cmpAccountId === cmpAccountId;
      }),
    );
    return purchases.filter((_, index) => remains[index]);
  }

  async #agreed(
    connector: ConnectorRef,
    entryId: string,
    bought: boolean,
  ): Promise<AgreedSubscriptionV1 | undefined> {
    const { tenantId, connectorId } = connector;
    const subscriptionId =
      (bought ? undefined : await this.lines.subscriptionOf(connector, entryId)) ?? entryId;
    return (await this.requests.request(ReadSubscription, { tenantId, connectorId, subscriptionId }))
      .subscription;
  }
}

/** Returns one item per product line; none for a live subscription whose lines have not been read, unless it was bought here. */
function toKnown(
  agreed: AgreedSubscriptionV1,
  customerId: string,
  entries: readonly Entry[] | undefined,
  purchase: PurchaseIntent | undefined,
): (KnownSubscription & { agreed: AgreedSubscriptionV1 })[] {
  const { subscriptionId } = agreed;
  const whole = { id: purchase?.id ?? subscriptionId, customerId, agreed, purchase };
  if (!entries) return purchase || canBeReported(agreed) ? [whole] : [];
  return entries.map((entry) =>
    entry.entryId === subscriptionId ? { ...whole, entry } : { id: entry.entryId, customerId, agreed, entry },
  );
}

const toPending = (purchase: PurchaseIntent): KnownSubscription => ({
  id: purchase.id,
  customerId: purchase.customerId,
  purchase,
});

const allSubscriptions = (
  requests: RequestClient,
  { tenantId, connectorId }: ConnectorRef,
  providerAccountId: string,
): Promise<AgreedSubscriptionV1[]> =>
  allPages(
    (cursor) => requests.request(ListSubscriptions, { tenantId, connectorId, providerAccountId, cursor }),
    ({ subscriptions }) => subscriptions,
  );
