import { Injectable } from '@nestjs/common';
import { ReadSubscription, type ProviderAccountV1 } from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { isUUID } from 'class-validator';
import { CustomerNotFound, PurchaseRefused, SubscriptionNotFound } from '../domain/errors.ts';
import type { KnownSubscription } from '../domain/known-subscription.ts';
import type { PurchaseIntent } from '../domain/intent.ts';
import { Intents, type Owner } from '../persistence/intents.ts';
import { allSubscriptions, readAccount } from './ask-all.ts';
import { FollowIntents } from './follow-intents.ts';

/** Subscriptions under the ids our clients know: a bought one keeps that of its purchase. */
@Injectable()
export class ReadSubscriptions {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly follow: FollowIntents,
  ) {}

  /** Those of a customer, with what is being bought for it. @throws CustomerNotFound */
  async ofCustomer(
    owner: Owner,
    customerId: string,
  ): Promise<{ account: ProviderAccountV1; subscriptions: KnownSubscription[] }> {
    if (!isUUID(customerId)) throw new CustomerNotFound(customerId);
    const [account, agreed, known] = await Promise.all([
      readAccount(this.asker, owner, customerId),
      allSubscriptions(this.asker, owner, customerId),
      this.intents.purchasesOf(owner, customerId),
    ]);
    // After the subscriptions: one that appears between the two answers is then shown as bought, and none is shown twice.
    const purchases = await this.follow.look(known);
    const bought = new Map(purchases.map((purchase) => [purchase.subscriptionId, purchase]));
    const listed = agreed.map((one): KnownSubscription => {
      const purchase = bought.get(one.subscriptionId);
      return { id: purchase?.id ?? one.subscriptionId, customerId, agreed: one, purchase };
    });
    const there = new Set(listed.map(({ id }) => id));
    const coming = purchases.filter(({ id, status }) => status !== 'refused' && !there.has(id));
    return { account, subscriptions: [...listed, ...coming.map(beingBought)] };
  }

  /** By the id of its purchase or by its own. @throws SubscriptionNotFound, PurchaseRefused */
  async one(owner: Owner, id: string): Promise<KnownSubscription> {
    if (!isUUID(id)) throw new SubscriptionNotFound(id);
    const bought = await this.intents.purchase(owner, id);
    const [purchase] = bought ? await this.follow.look([bought]) : [];
    if (purchase?.status === 'refused')
      throw new PurchaseRefused(id, purchase.refusal?.detail ?? '', purchase.refusal?.nextStep ?? '');
    const subscriptionId = purchase ? purchase.subscriptionId : id.toLowerCase();
    const { tenantId, connectorId } = owner;
    const { subscription: agreed } = subscriptionId
      ? await this.asker.ask(ReadSubscription, { tenantId, connectorId, subscriptionId })
      : {};
    if (agreed)
      return {
        id: purchase?.id ?? agreed.subscriptionId,
        customerId: purchase?.customerId ?? agreed.providerAccountId ?? '',
        agreed,
        purchase,
      };
    if (!purchase) throw new SubscriptionNotFound(id);
    return beingBought(purchase);
  }
}

const beingBought = (purchase: PurchaseIntent): KnownSubscription => ({
  id: purchase.id,
  customerId: purchase.customerId,
  purchase,
});
