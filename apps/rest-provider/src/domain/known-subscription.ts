import type { AgreedSubscriptionV1, SubscriptionLineV1 } from '@isthmus/contracts';
import type { PurchaseIntent } from './intent.ts';
import type { Change } from './purchase.ts';

/** A subscription as our clients see it: as agreed, as bought by one of them, or both. */
export type KnownSubscription = { id: string; customerId: string } & (
  | { agreed: AgreedSubscriptionV1; purchase?: PurchaseIntent }
  | { agreed?: undefined; purchase: PurchaseIntent }
);

/** The product line that it is shown by. */
export const lineOf = ({ agreed }: KnownSubscription): SubscriptionLineV1 | undefined => agreed?.lines[0];

/** What still has to be done for the subscription to become as asked; nothing when it is so already. */
export function differenceTo(
  { quantity, autoRenew, cancel }: Change,
  { lines, autoRenew: renews, status }: AgreedSubscriptionV1,
): Change | null {
  const ended = status === 'terminated' || status === 'removed';
  const difference: Change = {
    ...(quantity === undefined || quantity === lines[0]?.quantity ? {} : { quantity }),
    ...(autoRenew === undefined || autoRenew === renews ? {} : { autoRenew }),
    ...(cancel && !ended ? { cancel } : {}),
  };
  return Object.keys(difference).length === 0 ? null : difference;
}
