import { Injectable } from '@nestjs/common';
import { ChangeSubscription, type RequestedOrderV1 } from '@isthmus/contracts';
import { RequestClient } from '@isthmus/messaging';
import { RestProviderEnv } from '../config.ts';
import {
  type AgreedSubscription,
  differenceTo,
  type KnownSubscription,
  lineOf,
  otherLiveLines,
  ownEntry,
} from '../subscriptions/known-subscription.ts';
import { ReportedLineStore } from '../subscriptions/reported-lines.store.ts';
import { SubscriptionReader } from '../subscriptions/subscriptions.service.ts';
import { BillingCycleType, toBillingCycle, toBillingPeriod } from '../work365/enums.ts';
import type { ConnectorRef } from '../work365/work365-client.ts';
import { IntentOrders } from '../write-intents/intent-orders.service.ts';
import {
  type Change,
  type ChangeIntent,
  isInProgress,
  keyOfChange,
  requireNotRefused,
  isRejectedApproval,
  WriteRefused,
} from '../write-intents/write-intent.ts';
import { WriteIntentStore } from '../write-intents/write-intents.store.ts';
import {
  ChangeInProgress,
  LateDuplicateChange,
  LineRemoved,
  SubscriptionNotYetAvailable,
  OtherLinesAffected,
} from './ordering.errors.ts';

/** Changes subscriptions. Every request names a total or a state, so that repeating it changes nothing. */
@Injectable()
export class SubscriptionChanges {
  constructor(
    private readonly requests: RequestClient,
    private readonly intents: WriteIntentStore,
    private readonly orders: IntentOrders,
    private readonly subscriptions: SubscriptionReader,
    private readonly lines: ReportedLineStore,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * Orders what differs from the request, and returns the subscription after the change: as CMP confirmed it, or as ordered
   * if that takes longer than the setting allows.
   * @param frequency the billing cycle that the client believes it has
   * @throws SubscriptionNotFound, SubscriptionNotYetAvailable, LineRemoved, OtherLinesAffected, ChangeInProgress, LateDuplicateChange, AwaitingApproval, WriteRefused
   */
  async change(
    connector: ConnectorRef,
    id: string,
    requested: Change,
    requestedBy: string,
    frequency: number | null = null,
  ): Promise<KnownSubscription> {
    const known = await this.require(connector, id);
    const { subscriptionId } = known.agreed;
    const change = requiredChange(requested, known);
    if (change?.quantity !== undefined) requireFrequency(frequency, known);
    const hours = this.env.REPEAT_WINDOW_HOURS;
    const standing = await this.orders.refresh(
      await this.intents.standingChanges(connector, subscriptionId, hours),
    );
    if (!change) {
      // The subscription already has the requested state, but a change in progress might undo it.
      const target = { ...requested, entryId: entryIdOf(known) };
      const other = standing
        .filter((one) => isInProgress(one))
        .find((one) => contradicts(one.requested, target, subscriptionId));
      if (other) throw new ChangeInProgress(id, other.status === 'awaiting-approval');
      return known;
    }
    const intent =
      standing.find((one) => includes(one, change)) ??
      (await this.#newChange(connector, known, change, requestedBy, hours));
    // An equal request may have ended between the read and the new intent: then its effect shows now.
    const fresh = intent.status === 'open' ? await this.require(connector, id) : known;
    if (!requiredChange(requested, fresh)) {
      await this.intents.completeWithoutOrder(intent);
      return fresh;
    }
    requireNotRefused(await this.orders.placeAndWait(intent, ordersOf(change, known)));
    return asOrdered(await this.require(connector, id), change);
  }

  /** @throws LateDuplicateChange */
  async #newChange(
    connector: ConnectorRef,
    { id, agreed: { subscriptionId } }: AgreedSubscription,
    change: Change,
    requestedBy: string,
    hours: number,
  ): Promise<ChangeIntent> {
    const key = keyOfChange(subscriptionId, change);
    const minutes = this.env.LATE_CHANGE_MINUTES;
    const { entryId } = change;
    const carriedOutAt = await this.intents.supersededAt(
      connector,
      subscriptionId,
      { key, entryId },
      minutes,
    );
    if (carriedOutAt) throw new LateDuplicateChange(id, carriedOutAt, minutes);
    const identity = { key, ownKey: false, requestedBy, subscriptionId };
    return this.intents.findOrAddChange(connector, change, identity, hours);
  }

  /** The friendly name is ours; CMP does not know it. */
  async rename(
    { tenantId, connectorId }: ConnectorRef,
    known: AgreedSubscription,
    friendlyName: string,
    requestedBy: string,
  ): Promise<void> {
    const { subscriptionId } = known.agreed;
    const entry = ownEntry(known);
    if (entry) return this.lines.rename({ tenantId, connectorId }, entry.entryId, friendlyName);
    await this.requests.request(ChangeSubscription, {
      tenantId,
      connectorId,
      subscriptionId,
      friendlyName,
      requestedBy,
    });
    if (known.purchase) await this.intents.markHandedOver(known.purchase);
  }

  /** @throws SubscriptionNotFound, SubscriptionNotYetAvailable */
  async require(connector: ConnectorRef, id: string): Promise<AgreedSubscription> {
    const known = await this.subscriptions.one(connector, id);
    if (!known.agreed) throw new SubscriptionNotYetAvailable(id);
    return known;
  }
}

/** The id of the line, where the subscription has others. */
const entryIdOf = ({ entry }: AgreedSubscription): string | undefined =>
  entry && entry.others.length > 0 ? entry.entryId : undefined;

/**
 * The change to be made, if any.
 * @throws LineRemoved, OtherLinesAffected
 */
function requiredChange(requested: Change, known: AgreedSubscription): Change | null {
  const change = differenceTo(requested, known);
  if (!change) return null;
  if (known.entry?.gone) throw new LineRemoved(known.id);
  const others = otherLiveLines(known);
  if (others.length > 0 && change.cancel) throw new OtherLinesAffected(known.id, 'cancel', others);
  if (others.length > 0 && change.autoRenew !== undefined)
    throw new OtherLinesAffected(known.id, 'change the renewal of', others);
  const entryId = entryIdOf(known);
  return entryId === undefined ? change : { ...change, entryId };
}

/**
 * If the client is wrong about the billing cycle, seats would be bought at another price than it expects.
 * @throws WriteRefused
 */
function requireFrequency(frequency: number | null, { id, agreed }: AgreedSubscription): void {
  const actual = toBillingCycle(agreed.billingPeriod);
  const expected = toBillingPeriod(frequency);
  if (expected === undefined || actual === BillingCycleType.Unknown || actual === frequency) return;
  throw new WriteRefused(
    'order.term-differs',
    `Subscription Id ${id} is billed every ${agreed.billingPeriod}, but provisioningFrequency is ${expected}.`,
    'Read the subscription again and send its own provisioningFrequency or none; a change of seats cannot change it.',
  );
}

/**
 * True if a standing change covers everything that is needed. It may cover more: after a request for seats and renewal, the
 * renewal may already be set while the seats are still in progress; a repetition then lacks only the seats.
 */
const includes = (standing: ChangeIntent, change: Change): boolean =>
  (isInProgress(standing) || isRejectedApproval(standing.refusal)) &&
  (standing.requested.entryId ?? null) === (change.entryId ?? null) &&
  (['quantity', 'autoRenew', 'cancel'] as const).every(
    (member) => change[member] === undefined || change[member] === standing.requested[member],
  );

function contradicts(running: Change, requested: Change, subscriptionId: string): boolean {
  const sameLine = (running.entryId ?? subscriptionId) === (requested.entryId ?? subscriptionId);
  const differs = <K extends 'quantity' | 'autoRenew'>(member: K): boolean =>
    requested[member] !== undefined && running[member] !== undefined && running[member] !== requested[member];
  return running.cancel === true || (sameLine && differs('quantity')) || differs('autoRenew');
}

function ordersOf({ quantity, autoRenew, cancel }: Change, known: AgreedSubscription): RequestedOrderV1[] {
  const { subscriptionId } = known.agreed;
  if (cancel) return [{ kind: 'cancel', subscriptionId }];
  return [
    ...(quantity === undefined
      ? []
      : [{ kind: 'change-quantity' as const, subscriptionId, seats: quantity, ...lineReference(known) }]),
    ...(autoRenew === undefined ? [] : [{ kind: 'renewal-setting' as const, subscriptionId, autoRenew }]),
  ];
}

/** Identifies the line to change; lines with the same MPN are distinguished by CMP's product id. */
function lineReference(known: AgreedSubscription): Pick<RequestedOrderV1, 'mpn' | 'cmpProductId'> {
  const { mpn, productId } = lineOf(known) ?? {};
  const sameMpn = known.agreed.lines.filter((line) => line.mpn === mpn).length > 1;
  return { mpn, ...(sameMpn && productId ? { cmpProductId: productId } : {}) };
}

/** The state after the change, shown while CMP carries it out. */
function asOrdered(known: AgreedSubscription, { quantity, autoRenew, cancel }: Change): KnownSubscription {
  const { agreed, entry } = known;
  const status = cancel ? 'terminated' : agreed.status;
  return {
    ...known,
    agreed: { ...agreed, status, autoRenew: autoRenew ?? agreed.autoRenew },
    entry: entry && quantity !== undefined ? { ...entry, line: { ...entry.line, quantity } } : entry,
  };
}
