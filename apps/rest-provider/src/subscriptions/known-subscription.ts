import type { AgreedSubscriptionV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { SubscriptionStatus } from '../work365/enums.ts';
import type { Change, PurchaseIntent } from '../write-intents/write-intent.ts';
import type { Entry } from './entries.ts';

/** Subscriptions of a removed connector have not ended at CMP: they are Suspended until CMP is read again. */
const ended = new Set(['terminated', 'removed', 'no-longer-listed']);

export const hasEnded = ({ status }: { status: string }): boolean => ended.has(status);

/** True if a client may see the subscription: a live one is hidden until its seats are known. */
export const canBeReported = (agreed: AgreedSubscriptionV1): boolean =>
  agreed.lines.length > 0 || hasEnded(agreed);

/**
 * The API's status for CMP's. It has none for subscriptions that do not exist yet or are unknown: those are Suspended, so
 * that they are not billed. One that ended on its last day without renewal is Expired, any other end is Cancelled.
 */
export function toSubscriptionStatus(subscription: AgreedSubscriptionV1): number {
  if (subscription.status === 'active') return SubscriptionStatus.Active;
  if (!hasEnded(subscription)) return SubscriptionStatus.Suspended;
  const { endedAt, expirationDate, autoRenew } = subscription;
  const ranOut =
    !autoRenew && endedAt && expirationDate && endedAt.slice(0, 10) >= expirationDate.slice(0, 10);
  return ranOut ? SubscriptionStatus.Expired : SubscriptionStatus.Cancelled;
}

/** A subscription as clients see it, one for each product line: as agreed, as bought by one of them, or both. */
export type KnownSubscription = { id: string; customerId: string } & (
  | {
      agreed: AgreedSubscriptionV1;
      /**
       * Its product line; absent from a subscription that ended before its lines were read, and from one that was just bought.
       */
      entry?: Entry;
      purchase?: PurchaseIntent;
    }
  | { agreed?: undefined; entry?: undefined; purchase: PurchaseIntent }
);

export type AgreedSubscription = KnownSubscription & { agreed: AgreedSubscriptionV1 };

export const lineOf = ({ entry }: KnownSubscription): SubscriptionLineV1 | undefined => entry?.line;

/** The entry, if it has its own id and with that a friendly name; that of the first line is the subscription's. */
export const ownEntry = ({ agreed, entry }: AgreedSubscription): Entry | undefined =>
  entry?.entryId === agreed.subscriptionId ? undefined : entry;

export function renamed(known: AgreedSubscription, friendlyName: string): AgreedSubscription {
  const entry = ownEntry(known);
  return entry
    ? { ...known, entry: { ...entry, friendlyName } }
    : { ...known, agreed: { ...known.agreed, friendlyName } };
}

/** True if the subscription has ended, or if CMP no longer shows the line. */
const isOver = ({ agreed, entry }: AgreedSubscription): boolean => hasEnded(agreed) || entry?.gone === true;

/** The other live product lines: an action that ends the subscription or changes its renewal would affect them too. */
export const otherLiveLines = ({ agreed, entry }: AgreedSubscription): SubscriptionLineV1[] =>
  hasEnded(agreed) ? [] : (entry?.others ?? []);

/** The changes still needed to bring the subscription into the requested state; null if there are none. */
export function differenceTo(
  { quantity, autoRenew, cancel }: Change,
  known: AgreedSubscription,
): Change | null {
  const difference: Change = {
    ...(quantity === undefined || quantity === lineOf(known)?.quantity ? {} : { quantity }),
    ...(autoRenew === undefined || autoRenew === known.agreed.autoRenew ? {} : { autoRenew }),
    ...(cancel && !isOver(known) ? { cancel } : {}),
  };
  return Object.keys(difference).length === 0 ? null : difference;
}
