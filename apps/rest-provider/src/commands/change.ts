import { Injectable } from '@nestjs/common';
import { ChangeSubscription, type CommandedOrderV1 } from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { RestProviderEnv } from '../config.ts';
import { ChangeUnderWay, LateRepetition, NotThereYet } from '../domain/errors.ts';
import { differenceTo, type KnownSubscription } from '../domain/known-subscription.ts';
import { keyOfChange, type Change } from '../domain/purchase.ts';
import { Intents, type Owner } from '../persistence/intents.ts';
import { FollowIntents } from './follow-intents.ts';
import { OrderIntents, requireNotRefused } from './order-intents.ts';
import { ReadSubscriptions } from './read-subscriptions.ts';

type AgreedSubscription = KnownSubscription & { agreed: object };

/** Changes subscriptions. All that is asked for is a total or a state, so that asking again for it changes nothing. */
@Injectable()
export class ChangeSubscriptions {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly orders: OrderIntents,
    private readonly follow: FollowIntents,
    private readonly subscriptions: ReadSubscriptions,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * Orders what is not as asked, and answers the subscription after the change: as CMP confirmed it, or as ordered when
   * that takes longer than the setting allows.
   * @throws SubscriptionNotFound, NotThereYet, ChangeUnderWay, LateRepetition, WriteRefused
   */
  async change(owner: Owner, id: string, wish: Change, askedBy: string): Promise<KnownSubscription> {
    const known = await this.require(owner, id);
    const { subscriptionId } = known.agreed;
    const change = differenceTo(wish, known.agreed);
    const running = await this.follow.look(await this.intents.changesUnderWay(owner, subscriptionId));
    if (!change) {
      // Nothing to do as it is now, but what runs would make it otherwise.
      if (running.some((one) => one.status === 'ordered' && contradicts(one.wish, wish)))
        throw new ChangeUnderWay(id);
      return known;
    }
    const key = keyOfChange(subscriptionId, change);
    const minutes = this.env.LATE_CHANGE_MINUTES;
    const cameAbout = await this.intents.overtaken(owner, subscriptionId, key, minutes);
    if (cameAbout) throw new LateRepetition(id, cameAbout, minutes);
    const facts = { key, ownKey: false, askedBy, subscriptionId };
    const intent = await this.intents.takeChange(owner, change, facts);
    // An equal request may have ended between our look and our intent: then its effect is seen now.
    const fresh = intent.status === 'open' ? await this.require(owner, id) : known;
    if (!differenceTo(wish, fresh.agreed)) {
      await this.intents.nothingToDo(intent);
      return fresh;
    }
    const ordered = await this.orders.order(intent, ordersOf(change, known));
    requireNotRefused(await this.follow.wait(ordered));
    return asOrdered(await this.require(owner, id), change);
  }

  /** The friendly name is ours; CMP is not asked. */
  async rename(
    { tenantId, connectorId }: Owner,
    known: AgreedSubscription,
    friendlyName: string | null,
    askedBy: string,
  ): Promise<void> {
    const { subscriptionId } = known.agreed;
    await this.asker.ask(ChangeSubscription, {
      tenantId,
      connectorId,
      subscriptionId,
      friendlyName,
      askedBy,
    });
    if (known.purchase) await this.intents.handedOver(known.purchase);
  }

  /** @throws SubscriptionNotFound, NotThereYet */
  async require(owner: Owner, id: string): Promise<AgreedSubscription> {
    const known = await this.subscriptions.one(owner, id);
    if (!known.agreed) throw new NotThereYet(id);
    return known;
  }
}

const contradicts = (running: Change, wish: Change): boolean =>
  running.cancel === true ||
  (wish.quantity !== undefined && running.quantity !== undefined && running.quantity !== wish.quantity) ||
  (wish.autoRenew !== undefined && running.autoRenew !== undefined && running.autoRenew !== wish.autoRenew);

function ordersOf(
  { quantity, autoRenew, cancel }: Change,
  { agreed }: AgreedSubscription,
): CommandedOrderV1[] {
  const { subscriptionId, lines } = agreed;
  if (cancel) return [{ kind: 'cancel', subscriptionId }];
  return [
    ...(quantity === undefined
      ? []
      : [{ kind: 'change-quantity' as const, subscriptionId, seats: quantity, mpn: lines[0]?.mpn }]),
    ...(autoRenew === undefined ? [] : [{ kind: 'renewal-setting' as const, subscriptionId, autoRenew }]),
  ];
}

/** While CMP is at it: as it will be. */
function asOrdered(known: AgreedSubscription, { quantity, autoRenew, cancel }: Change): KnownSubscription {
  const { agreed } = known;
  const [line, ...others] = agreed.lines;
  const lines = line && quantity !== undefined ? [{ ...line, quantity }, ...others] : agreed.lines;
  const status = cancel ? 'terminated' : agreed.status;
  return { ...known, agreed: { ...agreed, lines, status, autoRenew: autoRenew ?? agreed.autoRenew } };
}
