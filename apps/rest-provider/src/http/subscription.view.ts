import type { AgreedSubscriptionV1, ProviderAccountV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { cycleOf } from '../domain/billing-cycle.ts';
import type { PurchaseIntent } from '../domain/intent.ts';
import type { KnownSubscription } from '../domain/known-subscription.ts';
import { statusOf } from '../domain/subscription-status.ts';
import { BillingCycleType, BillingType, SubscriptionStatus } from '../domain/wire-enums.ts';
import type { Pricing, Subscription } from './subscription.dto.ts';

/** A subscription as the contract's. One with several product lines is shown by its first. */
export function showSubscription(
  known: KnownSubscription,
  account: ProviderAccountV1,
  partNumber: string | null,
): Subscription {
  const customer = { id: account.providerAccountId, name: account.name };
  return {
    ...(known.agreed ? ofAgreed(known.agreed, known.purchase) : ofPurchase(known.purchase)),
    id: known.id,
    partNumber,
    customer,
  };
}

type WithoutRefs = Omit<Subscription, 'id' | 'customer' | 'partNumber'>;

function ofAgreed(agreed: AgreedSubscriptionV1, purchase: PurchaseIntent | undefined): WithoutRefs {
  const [line] = agreed.lines;
  const startDate = agreed.creationDate ? midnight(agreed.creationDate) : null;
  return {
    name: agreed.name,
    createdOn: startDate,
    modifiedOn: agreed.asOf,
    autoRenew: agreed.autoRenew,
    provisioningFrequency: cycleOf(agreed.billingPeriod),
    billingType: usage.test(line?.mpn ?? '') ? BillingType.UsageBased : BillingType.LicenseBased,
    friendlyName: agreed.friendlyName ?? (purchase?.handedOver === false ? purchase.wish.friendlyName : null),
    startDate,
    status: statusOf(agreed),
    quantity: line?.quantity ?? null,
    pricing: priceOf(line),
  };
}

/** As it was ordered; Active only once CMP has confirmed it. */
function ofPurchase({ wish, status, createdAt, finishedAt }: PurchaseIntent): WithoutRefs {
  return {
    name: wish.name,
    createdOn: createdAt.toISOString(),
    modifiedOn: (finishedAt ?? createdAt).toISOString(),
    autoRenew: wish.autoRenew,
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
  const retailPrice = line?.unitPrice ? Number(line.unitPrice.amount) : null;
  return { currency: price.currency, price: Number(price.amount), retailPrice };
}
