import type { AgreedSubscriptionV1, SubscriptionLineV1 } from '@isthmus/contracts';
import type { Entry } from './entries.ts';
import type { PurchaseIntent } from './intent.ts';
import type { Change } from './purchase.ts';
import { hasEnded } from './subscription-status.ts';

/** A subscription as our clients see it, one for each product line: as agreed, as bought by one of them, or both. */
export type KnownSubscription = { id: string; customerId: string } & (
  | {
      agreed: AgreedSubscriptionV1;
      /** Its product line; absent of one that has ended without its lines having been read, and of one just bought. */
      entry?: Entry;
      purchase?: PurchaseIntent;
    }
  | { agreed?: undefined; entry?: undefined; purchase: PurchaseIntent }
);

export type AgreedSubscription = KnownSubscription & { agreed: AgreedSubscriptionV1 };

export const lineOf = ({ entry }: KnownSubscription): SubscriptionLineV1 | undefined => entry?.line;

/** The entry, where it has an id, and with that a friendly name, of its own; that of the first line is the subscription's. */
export const ownEntry = ({ agreed, entry }: AgreedSubscription): Entry | undefined =>
  entry?.entryId === agreed.subscriptionId ? undefined : entry;

export function renamed(known: AgreedSubscription, friendlyName: string): AgreedSubscription {
  const entry = ownEntry(known);
  return entry
    ? { ...known, entry: { ...entry, friendlyName } }
    : { ...known, agreed: { ...known.agreed, friendlyName } };
}

/** Whether nothing of it can be used any more: the subscription is over, or CMP shows its line no longer. */
export const isOver = ({ agreed, entry }: AgreedSubscription): boolean =>
  hasEnded(agreed) || entry?.gone === true;

/** The other product lines that are live: what ends the subscription, or changes its renewal, would end or change them too. */
export const otherLiveLines = ({ agreed, entry }: AgreedSubscription): SubscriptionLineV1[] =>
  hasEnded(agreed) ? [] : (entry?.others ?? []);

/** What still has to be done for the subscription to become as asked; nothing when it is so already. */
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
