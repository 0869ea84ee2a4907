import { Injectable } from '@nestjs/common';
import { ChangeSubscription, type CommandedOrderV1 } from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { RestProviderEnv } from '../config.ts';
import {
  ChangeUnderWay,
  LateRepetition,
  LineGone,
  NotThereYet,
  OtherLinesAffected,
  WriteRefused,
} from '../domain/errors.ts';
import { cycleOf, periodOf } from '../domain/billing-cycle.ts';
import { BillingCycleType } from '../domain/wire-enums.ts';
import {
  differenceTo,
  lineOf,
  otherLiveLines,
  ownEntry,
  type AgreedSubscription,
  type KnownSubscription,
} from '../domain/known-subscription.ts';
import { keyOfChange, type Change } from '../domain/purchase.ts';
import { Intents, type Owner } from '../persistence/intents.ts';
import { ReportedLines } from '../persistence/reported-lines.ts';
import { FollowIntents } from './follow-intents.ts';
import { OrderIntents, requireNotRefused } from './order-intents.ts';
import { ReadSubscriptions } from './read-subscriptions.ts';

/** Changes subscriptions. All that is asked for is a total or a state, so that asking again for it changes nothing. */
@Injectable()
export class ChangeSubscriptions {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly orders: OrderIntents,
    private readonly follow: FollowIntents,
    private readonly subscriptions: ReadSubscriptions,
    private readonly lines: ReportedLines,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * Orders what is not as asked, and answers the subscription after the change: as CMP confirmed it, or as ordered when
   * that takes longer than the setting allows.
   * @param frequency the billing cycle that the client takes it to have
   * @throws SubscriptionNotFound, NotThereYet, LineGone, OtherLinesAffected, ChangeUnderWay, LateRepetition, WriteRefused
   */
  async change(
    owner: Owner,
    id: string,
    wish: Change,
    askedBy: string,
    frequency: number | null = null,
  ): Promise<KnownSubscription> {
    const known = await this.require(owner, id);
    const { subscriptionId } = known.agreed;
    const change = changeOf(wish, known);
    if (change?.quantity !== undefined) requireFrequency(frequency, known);
    const running = await this.follow.look(await this.intents.changesUnderWay(owner, subscriptionId));
    if (!change) {
      // Nothing to do as it is now, but what runs would make it otherwise.
      const mine = { ...wish, entryId: entryIdOf(known) };
      if (running.some((one) => one.status === 'ordered' && contradicts(one.wish, mine, subscriptionId)))
        throw new ChangeUnderWay(id);
      return known;
    }
    const key = keyOfChange(subscriptionId, change);
    const minutes = this.env.LATE_CHANGE_MINUTES;
    const cameAbout = await this.intents.overtaken(
      owner,
      subscriptionId,
      { key, entryId: change.entryId },
      minutes,
    );
    if (cameAbout) throw new LateRepetition(id, cameAbout, minutes);
    const facts = { key, ownKey: false, askedBy, subscriptionId };
    const intent = await this.intents.takeChange(owner, change, facts);
    // An equal request may have ended between our look and our intent: then its effect is seen now.
    const fresh = intent.status === 'open' ? await this.require(owner, id) : known;
    if (!changeOf(wish, fresh)) {
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
    friendlyName: string,
    askedBy: string,
  ): Promise<void> {
    const { subscriptionId } = known.agreed;
    const entry = ownEntry(known);
    if (entry) return this.lines.rename({ tenantId, connectorId }, entry.entryId, friendlyName);
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

/** The id of the line where the subscription has others. */
const entryIdOf = ({ entry }: AgreedSubscription): string | undefined =>
  entry && entry.others.length > 0 ? entry.entryId : undefined;

/**
 * What has to be done, if anything.
 * @throws LineGone, OtherLinesAffected
 */
function changeOf(wish: Change, known: AgreedSubscription): Change | null {
  const change = differenceTo(wish, known);
  if (!change) return null;
  if (known.entry?.gone) throw new LineGone(known.id);
  const others = otherLiveLines(known);
  if (others.length > 0 && change.cancel) throw new OtherLinesAffected(known.id, 'cancel', others);
  if (others.length > 0 && change.autoRenew !== undefined)
    throw new OtherLinesAffected(known.id, 'change the renewal of', others);
  const entryId = entryIdOf(known);
  return entryId === undefined ? change : { ...change, entryId };
}

/**
 * Seats of a subscription that is billed otherwise than the client thinks would be bought at another price than was meant.
 * @throws WriteRefused
 */
function requireFrequency(frequency: number | null, { id, agreed }: AgreedSubscription): void {
  const is = cycleOf(agreed.billingPeriod);
  const said = periodOf(frequency);
  if (said === undefined || is === BillingCycleType.Unknown || is === frequency) return;
  throw new WriteRefused(
    'order.term-differs',
    `Subscription Id ${id} is billed every ${agreed.billingPeriod}, and provisioningFrequency says ${said}.`,
    'Read the subscription again, and send its own provisioningFrequency or none: a change of seats does not change it.',
  );
}

function contradicts(running: Change, wish: Change, subscriptionId: string): boolean {
  const sameLine = (running.entryId ?? subscriptionId) === (wish.entryId ?? subscriptionId);
  const differs = <K extends 'quantity' | 'autoRenew'>(fact: K): boolean =>
    wish[fact] !== undefined && running[fact] !== undefined && running[fact] !== wish[fact];
  return running.cancel === true || (sameLine && differs('quantity')) || differs('autoRenew');
}

function ordersOf({ quantity, autoRenew, cancel }: Change, known: AgreedSubscription): CommandedOrderV1[] {
  const { subscriptionId } = known.agreed;
  if (cancel) return [{ kind: 'cancel', subscriptionId }];
  return [
    ...(quantity === undefined
      ? []
      : [{ kind: 'change-quantity' as const, subscriptionId, seats: quantity, ...lineNamed(known) }]),
    ...(autoRenew === undefined ? [] : [{ kind: 'renewal-setting' as const, subscriptionId, autoRenew }]),
  ];
}

/** The line that is meant; lines of one mpn are told apart by CMP's id of their products. */
function lineNamed(known: AgreedSubscription): Pick<CommandedOrderV1, 'mpn' | 'cmpProductId'> {
  const { mpn, productId } = lineOf(known) ?? {};
  const twins = known.agreed.lines.filter((line) => line.mpn === mpn).length > 1;
  return { mpn, ...(twins && productId ? { cmpProductId: productId } : {}) };
}

/** While CMP is at it: as it will be. */
function asOrdered(known: AgreedSubscription, { quantity, autoRenew, cancel }: Change): KnownSubscription {
  const { agreed, entry } = known;
  const status = cancel ? 'terminated' : agreed.status;
  return {
    ...known,
    agreed: { ...agreed, status, autoRenew: autoRenew ?? agreed.autoRenew },
    entry: entry && quantity !== undefined ? { ...entry, line: { ...entry.line, quantity } } : entry,
  };
}
