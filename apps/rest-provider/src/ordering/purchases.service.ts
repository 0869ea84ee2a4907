import { Injectable } from '@nestjs/common';
import type { RequestedOrderV1, ProviderAccountV1, TermOfFrequencyV1 } from '@isthmus/contracts';
import { RequestClient } from '@isthmus/messaging';
import { isDeepStrictEqual } from 'node:util';
import { RestProviderEnv } from '../config.ts';
import { AgreementStore, toAcceptedAgreement } from '../customers/agreements.store.ts';
import { readAccount } from '../customers/customers.service.ts';
import { hasEnded, type KnownSubscription } from '../subscriptions/known-subscription.ts';
import type { ResolvedPeriods } from '../subscriptions/part-number-resolution.ts';
import { PartNumbers } from '../subscriptions/part-numbers.service.ts';
import { SubscriptionReader } from '../subscriptions/subscriptions.service.ts';
import type { ConnectorRef } from '../work365/work365-client.ts';
import { IntentOrders } from '../write-intents/intent-orders.service.ts';
import {
  keyOfPurchase,
  type Purchase,
  type PurchaseIntent,
  requireNotRefused,
  WriteRefused,
} from '../write-intents/write-intent.ts';
import { WriteIntentStore } from '../write-intents/write-intents.store.ts';
import { LateDuplicatePurchase, PurchaseIdReused } from './ordering.errors.ts';

/** The connector for which the purchase is made, and the term to assume if a frequency leaves it open. */
type Buyer = ConnectorRef & { termOfFrequency?: TermOfFrequencyV1 | undefined };

interface Bought {
  account: ProviderAccountV1;
  subscription: KnownSubscription;
}

/** Buys subscriptions, once per purchase, no matter how often its request is repeated. */
@Injectable()
export class Purchases {
  constructor(
    private readonly requests: RequestClient,
    private readonly intents: WriteIntentStore,
    private readonly agreements: AgreementStore,
    private readonly orders: IntentOrders,
    private readonly subscriptions: SubscriptionReader,
    private readonly partNumbers: PartNumbers,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * Returns the subscription as CMP confirmed it, or as ordered when that takes longer than the setting allows.
   * @param ownKey the client's own id of the purchase, if it sent one
   * @throws CustomerNotFound, PurchaseIdReused, LateDuplicatePurchase, AwaitingApproval, WriteRefused
   */
  async buy(buyer: Buyer, purchase: Purchase, requestedBy: string, ownKey: string | null): Promise<Bought> {
    const account = await readAccount(this.requests, buyer, purchase.customerId);
    const intent = await this.#findOrAdd(buyer, purchase, requestedBy, ownKey);
    const outcome = await this.orders.placeAndWait(intent, await this.#ordersFor(buyer, intent, account));
    requireNotRefused(outcome);
    const subscription = await this.subscriptions.one(buyer, outcome.id);
    if (subscription.customerId !== account.providerAccountId)
      throw this.#late(intent, 'now belongs to another customer');
    return { account, subscription };
  }

  #late(
    intent: PurchaseIntent,
    fate: ConstructorParameters<typeof LateDuplicatePurchase>[1],
  ): LateDuplicatePurchase {
    const { id, finishedAt, createdAt, ownKey } = intent;
    return new LateDuplicatePurchase(id, fate, {
      at: finishedAt ?? createdAt,
      hours: this.env.REPEAT_WINDOW_HOURS,
      ownKey,
    });
  }

  /** The intent of this purchase; a late repetition does not buy again what has ended within the window. */
  async #findOrAdd(
    buyer: ConnectorRef,
    purchase: Purchase,
    requestedBy: string,
    ownKey: string | null,
  ): Promise<PurchaseIntent> {
    const key = ownKey === null ? keyOfPurchase(purchase) : `own ${ownKey}`;
    const identity = { key, ownKey: ownKey !== null, requestedBy, customerId: purchase.customerId };
    const hours = this.env.REPEAT_WINDOW_HOURS;
    const intent = await this.intents.findOrAddPurchase(buyer, purchase, identity, hours);
    if (ownKey !== null) {
      if (!isDeepStrictEqual(intent.requested, purchase)) throw new PurchaseIdReused(ownKey);
      return intent;
    }
    if (intent.status !== 'done') return intent;
    const { agreed } = await this.subscriptions.one(buyer, intent.id);
    if (agreed && hasEnded(agreed)) throw this.#late(intent, 'has ended since');
    return intent;
  }

  /** Returns the orders fixed by an earlier attempt, if there was one. */
  async #ordersFor(
    buyer: Buyer,
    intent: PurchaseIntent,
    account: ProviderAccountV1,
  ): Promise<RequestedOrderV1[]> {
    if (intent.orders || intent.status !== 'open') return intent.orders ?? [];
    try {
      const periods = await this.partNumbers.resolve(buyer, intent.requested, buyer.termOfFrequency);
      return [await this.#newOrder(buyer, intent.requested, account, periods)];
    } catch (error) {
      if (error instanceof WriteRefused) {
        const { code, message: detail, nextStep } = error;
        await this.intents.refuseUnlessFixed(intent, { code, detail, nextStep });
      }
      throw error;
    }
  }

  async #newOrder(
    buyer: ConnectorRef,
    purchase: Purchase,
    account: ProviderAccountV1,
    periods: ResolvedPeriods,
  ): Promise<RequestedOrderV1> {
    const { customerId, partNumber, quantity } = purchase;
    const { customDomain: domain, customDomainSeen: exists = false } = account;
    const agreement = domain && !exists ? await this.agreements.latest(buyer, customerId) : null;
    return {
      kind: 'create',
      providerAccountId: customerId,
      partNumber,
      ...periods,
      seats: quantity,
      ...(domain
        ? {
            microsoftTenant: {
              domain,
              exists,
              ...(agreement ? { agreement: toAcceptedAgreement(agreement) } : {}),
            },
          }
        : {}),
    };
  }
}
