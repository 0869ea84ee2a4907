import { Injectable } from '@nestjs/common';
import { ReadSubscription, type AgreedSubscriptionV1, type ProviderAccountV1 } from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { isUUID } from 'class-validator';
import { canBeReported, type Entry } from '../domain/entries.ts';
import { CustomerNotFound, PurchaseRefused, SubscriptionNotFound } from '../domain/errors.ts';
import type { KnownSubscription } from '../domain/known-subscription.ts';
import type { PurchaseIntent } from '../domain/intent.ts';
import { Intents, type Owner } from '../persistence/intents.ts';
import { ReportedLines } from '../persistence/reported-lines.ts';
import { allSubscriptions, readAccount } from './ask-all.ts';
import { FollowIntents } from './follow-intents.ts';

/** Subscriptions under the ids our clients know: a bought one keeps that of its purchase. */
@Injectable()
export class ReadSubscriptions {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly follow: FollowIntents,
    private readonly lines: ReportedLines,
  ) {}

  /**
   * Those of a customer, with what is being bought for it. Live ones whose seats were not read yet are left out, and counted.
   * @throws CustomerNotFound
   */
  async ofCustomer(
    owner: Owner,
    customerId: string,
  ): Promise<{ account: ProviderAccountV1; subscriptions: KnownSubscription[]; leftOut: number }> {
    if (!isUUID(customerId)) throw new CustomerNotFound(customerId);
    const [account, agreed] = await Promise.all([
      readAccount(this.asker, owner, customerId),
      allSubscriptions(this.asker, owner, customerId),
    ]);
    const ids = agreed.map(({ subscriptionId }) => subscriptionId);
    const known = await this.intents.purchasesOf(owner, customerId, ids);
    // After the subscriptions: one that appears between the two answers is then shown as bought, and none is shown twice.
    const purchases = await this.follow.look(known);
    const bought = new Map(purchases.map((purchase) => [purchase.subscriptionId, purchase]));
    const entries = await this.lines.entries(owner, agreed);
    const listed = agreed.map((one) =>
      shown(one, customerId, entries.get(one.subscriptionId), bought.get(one.subscriptionId)),
    );
    const there = new Set(listed.flat().map(({ id }) => id));
    const absent = purchases.filter(({ id, status }) => status !== 'refused' && !there.has(id));
    const coming = await this.#stillOf(account, owner, absent);
    const unread = listed.filter(({ length }) => length === 0).length;
    return {
      account,
      subscriptions: [...listed.flat(), ...coming.map(beingBought)],
      leftOut: unread + (account.unreadSubscriptions ?? 0),
    };
  }

  /** By the id of its purchase, its own or that of one of its lines. @throws SubscriptionNotFound, PurchaseRefused */
  async one(owner: Owner, id: string): Promise<KnownSubscription> {
    if (!isUUID(id)) throw new SubscriptionNotFound(id);
    const bought = await this.intents.purchase(owner, id);
    const [purchase] = bought ? await this.follow.look([bought]) : [];
    if (purchase?.status === 'refused')
      throw new PurchaseRefused(id, purchase.refusal?.detail ?? '', purchase.refusal?.nextStep ?? '');
    const entryId = purchase ? purchase.subscriptionId : id.toLowerCase();
    const agreed = entryId && (await this.#agreed(owner, entryId, purchase !== undefined));
    if (agreed) {
      const entries = await this.lines.entries(owner, [agreed]);
      // Who has it now; it may have been bought for another customer.
      const customerId = agreed.providerAccountId ?? purchase?.customerId ?? '';
      const all = shown(agreed, customerId, entries.get(agreed.subscriptionId), purchase);
      const found = all.find((one) => (one.entry?.entryId ?? agreed.subscriptionId) === entryId);
      if (!found) throw new SubscriptionNotFound(id);
      return found;
    }
    if (!purchase) throw new SubscriptionNotFound(id);
    return beingBought(purchase);
  }

  /** Without those whose subscription was transferred to another customer. */
  async #stillOf(
    { cmpAccountId }: ProviderAccountV1,
    owner: Owner,
    purchases: readonly PurchaseIntent[],
  ): Promise<PurchaseIntent[]> {
    const stays = await Promise.all(
      purchases.map(async ({ subscriptionId }) => {
        const agreed = subscriptionId ? await this.#agreed(owner, subscriptionId, true) : undefined;
        return !agreed || agreed.cmpAccountId === cmpAccountId;
      }),
    );
    return purchases.filter((_, index) => stays[index]);
  }

  async #agreed(owner: Owner, entryId: string, bought: boolean): Promise<AgreedSubscriptionV1 | undefined> {
    const { tenantId, connectorId } = owner;
    const subscriptionId = (bought ? undefined : await this.lines.subscriptionOf(owner, entryId)) ?? entryId;
    return (await this.asker.ask(ReadSubscription, { tenantId, connectorId, subscriptionId })).subscription;
  }
}

/** One for each product line; none of a live one whose lines were not read, unless it was bought here. */
function shown(
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

const beingBought = (purchase: PurchaseIntent): KnownSubscription => ({
  id: purchase.id,
  customerId: purchase.customerId,
  purchase,
});
