import { Injectable } from '@nestjs/common';
import type {
  AcceptedAgreementV1,
  CommandedOrderV1,
  ProviderAccountV1,
  TermOfFrequencyV1,
} from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { isDeepStrictEqual } from 'node:util';
import { RestProviderEnv } from '../config.ts';
import { LatePurchase, OtherPurchase, WriteRefused } from '../domain/errors.ts';
import type { PurchaseIntent } from '../domain/intent.ts';
import type { KnownSubscription } from '../domain/known-subscription.ts';
import type { MeantPeriods } from '../domain/meant-product.ts';
import { keyOfPurchase, type Purchase } from '../domain/purchase.ts';
import { hasEnded } from '../domain/subscription-status.ts';
import type { Agreement } from '../domain/agreement.entity.ts';
import { Agreements } from '../persistence/agreements.ts';
import { Intents, type Owner } from '../persistence/intents.ts';
import { readAccount } from './ask-all.ts';
import { FollowIntents } from './follow-intents.ts';
import { OrderIntents, requireNotRefused } from './order-intents.ts';
import { PartNumbers } from './part-numbers.ts';
import { ReadSubscriptions } from './read-subscriptions.ts';

/** Who buys, and which term is meant where a frequency leaves it open. */
export type Buyer = Owner & { termOfFrequency?: TermOfFrequencyV1 | undefined };

export interface Bought {
  account: ProviderAccountV1;
  subscription: KnownSubscription;
}

/** Buys subscriptions, one for however many repetitions of the same request. */
@Injectable()
export class Buy {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly agreements: Agreements,
    private readonly orders: OrderIntents,
    private readonly follow: FollowIntents,
    private readonly subscriptions: ReadSubscriptions,
    private readonly partNumbers: PartNumbers,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * Answers when CMP has confirmed it, or as ordered when that takes longer than the setting allows.
   * @param ownKey the client's own id of the purchase, if it sent one
   * @throws CustomerNotFound, OtherPurchase, LatePurchase, WriteRefused
   */
  async buy(owner: Buyer, purchase: Purchase, askedBy: string, ownKey: string | null): Promise<Bought> {
    const account = await readAccount(this.asker, owner, purchase.customerId);
    const intent = await this.#take(owner, purchase, askedBy, ownKey);
    const ordered = await this.orders.order(intent, await this.#orders(owner, intent, account));
    const followed = await this.follow.wait(ordered);
    requireNotRefused(followed);
    const subscription = await this.subscriptions.one(owner, followed.id);
    if (subscription.customerId !== account.providerAccountId)
      throw this.#late(intent, 'belongs to another customer now');
    return { account, subscription };
  }

  #late(intent: PurchaseIntent, fate: ConstructorParameters<typeof LatePurchase>[1]): LatePurchase {
    const { id, finishedAt, createdAt, ownKey } = intent;
    return new LatePurchase(id, fate, {
      at: finishedAt ?? createdAt,
      hours: this.env.REPEAT_WINDOW_HOURS,
      ownKey,
    });
  }

  /** The intent of this purchase; what ended within the window is not bought anew by a late try. */
  async #take(
    owner: Owner,
    purchase: Purchase,
    askedBy: string,
    ownKey: string | null,
  ): Promise<PurchaseIntent> {
    const key = ownKey === null ? keyOfPurchase(purchase) : `own ${ownKey}`;
    const facts = { key, ownKey: ownKey !== null, askedBy, customerId: purchase.customerId };
    const hours = this.env.REPEAT_WINDOW_HOURS;
    const intent = await this.intents.takePurchase(owner, purchase, facts, hours);
    if (ownKey !== null) {
      if (!isDeepStrictEqual(intent.wish, purchase)) throw new OtherPurchase(ownKey);
      return intent;
    }
    if (intent.status !== 'done') return intent;
    const { agreed } = await this.subscriptions.one(owner, intent.id);
    if (agreed && hasEnded(agreed)) throw this.#late(intent, 'has ended since');
    return intent;
  }

  /** As they were settled by an earlier try, if there was one. */
  async #orders(
    owner: Buyer,
    intent: PurchaseIntent,
    account: ProviderAccountV1,
  ): Promise<CommandedOrderV1[]> {
    if (intent.orders || intent.status !== 'open') return intent.orders ?? [];
    try {
      const periods = await this.partNumbers.meant(owner, intent.wish, owner.termOfFrequency);
      return [await this.#order(owner, intent.wish, account, periods)];
    } catch (error) {
      if (error instanceof WriteRefused) {
        const { code, message: detail, nextStep } = error;
        await this.intents.refuseUnsettled(intent, { code, detail, nextStep });
      }
      throw error;
    }
  }

  async #order(
    owner: Owner,
    purchase: Purchase,
    account: ProviderAccountV1,
    periods: MeantPeriods,
  ): Promise<CommandedOrderV1> {
    const { customerId, partNumber, quantity } = purchase;
    const { customDomain: domain, customDomainSeen: exists = false } = account;
    const agreement = domain && !exists ? await this.agreements.latest(owner, customerId) : null;
    return {
      kind: 'create',
      providerAccountId: customerId,
      partNumber,
      ...periods,
      seats: quantity,
      ...(domain
        ? { microsoftTenant: { domain, exists, ...(agreement ? { agreement: acceptedOf(agreement) } : {}) } }
        : {}),
    };
  }
}

const acceptedOf = ({
  signedBy,
  signedOn,
}: Pick<Agreement, 'signedBy' | 'signedOn'>): AcceptedAgreementV1 => ({
  signedOn: signedOn.toISOString(),
  firstName: signedBy.firstName ?? undefined,
  lastName: signedBy.lastName ?? undefined,
  email: signedBy.email ?? undefined,
});
