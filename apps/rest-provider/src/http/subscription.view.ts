import type { ProviderAccountV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { cycleOf } from '../domain/billing-cycle.ts';
import type { PurchaseIntent } from '../domain/intent.ts';
import {
  lineOf,
  ownEntry,
  type AgreedSubscription,
  type KnownSubscription,
} from '../domain/known-subscription.ts';
import { hasEnded, statusOf } from '../domain/subscription-status.ts';
import { BillingCycleType, BillingType, SubscriptionStatus } from '../domain/wire-enums.ts';
import type { Pricing, Subscription } from './subscription.dto.ts';

/** A product line of a subscription as the contract's subscription. */
export function showSubscription(
  known: KnownSubscription,
  account: ProviderAccountV1,
  partNumber: string | null,
): Subscription {
  const customer = { id: account.providerAccountId, name: account.name };
  return {
    ...(known.agreed ? ofAgreed(known) : ofPurchase(known.purchase)),
    id: known.id,
    partNumber,
    customer,
  };
}

type WithoutRefs = Omit<Subscription, 'id' | 'customer' | 'partNumber'>;

function ofAgreed(known: AgreedSubscription): WithoutRefs {
  const { agreed, entry, purchase } = known;
  const line = lineOf(known);
  const startDate = agreed.creationDate ? midnight(agreed.creationDate) : null;
  const own = ownEntry(known);
  return {
    name: own?.line.name || agreed.name,
    createdOn: startDate,
    modifiedOn: agreed.asOf,
    autoRenew: agreed.autoRenew,
    provisioningFrequency: cycleOf(agreed.billingPeriod),
    billingType: usage.test(line?.mpn ?? '') ? BillingType.UsageBased : BillingType.LicenseBased,
    friendlyName: own ? own.friendlyName : friendlyNameOf(known),
    startDate,
    status: entry?.gone ? SubscriptionStatus.Cancelled : statusOf(agreed),
    // Without lines it is one that was bought here and is not read yet, or one that ended unread.
    quantity: line?.quantity ?? (hasEnded(agreed) ? 0 : (purchase?.wish.quantity ?? 0)),
    pricing: priceOf(line),
  };
}

const friendlyNameOf = ({ agreed, purchase }: AgreedSubscription): string | null =>
  agreed.friendlyName ?? (purchase?.handedOver === false ? purchase.wish.friendlyName : null);

/** As it was ordered; Active only once CMP has confirmed it. */
function ofPurchase({ wish, status, createdAt, finishedAt }: PurchaseIntent): WithoutRefs {
  return {
    name: wish.name,
    createdOn: createdAt.toISOString(),
    modifiedOn: (finishedAt ?? createdAt).toISOString(),
    // CMP renews what was bought without a word about it.
    autoRenew: wish.autoRenew ?? true,
    provisioningFrequency: wish.frequency ?? BillingCycleType.Unknown,
    billingType: BillingType.LicenseBased,
    friendlyName: wish.friendlyName,
    startDate: null,
    status: status === 'done' ? SubscriptionStatus.Active : SubscriptionStatus.Suspended,
    quantity: wish.quantity,
    pricing: null,
  };
}

/** Azure plan and the legacy Azure offer. */
const usage = /^(DZH318Z0|MS-AZR-)/i;

const midnight = (day: string): string => `${day.slice(0, 10)}T00:00:00Z`;

function priceOf(line: SubscriptionLineV1 | undefined): Pricing | null {
  const price = line?.unitCost ?? line?.unitPrice;
  if (!price) return null;
  const retail = line?.unitPrice && { retailPrice: Number(line.unitPrice.amount) };
  return { currency: price.currency, price: Number(price.amount), ...retail };
}
