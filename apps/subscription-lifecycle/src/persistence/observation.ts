import type { ProviderSubscriptionChangedV1, SubscriptionTermV1 } from '@isthmus/contracts';
import { Money, Period } from '@isthmus/domain';
import type { Observation } from '../domain/subscription/observe.ts';

/** News of account-sync in our words. */
export function observationOf(news: ProviderSubscriptionChangedV1, providerVersion: number): Observation {
  const day = (text: string | undefined) => text?.slice(0, 10) ?? null;
  return {
    name: news.name,
    status: news.status,
    autoRenew: news.autoRenew,
    creationDate: day(news.creationDate),
    renewalDate: day(news.renewalDate),
    expirationDate: day(news.expirationDate),
    billingPeriod: periodOf(news.billingPeriod),
    term: periodOf(news.term),
    // Seats that are no whole number are not known: nothing can be reckoned with them.
    lines:
      news.quantityKnown && news.lines.every(({ quantity }) => Number.isSafeInteger(quantity))
        ? news.lines.map(
            ({ productId, quantity, unitPrice, unitCost, vendorSubscriptionId, mpn, vendor, name }) => ({
              vendor,
              mpn,
              name,
              cmpProductId: productId,
              seats: quantity,
              unitPrice: unitPrice ? Money.of(unitPrice.amount, unitPrice.currency) : null,
              unitCost: unitCost ? Money.of(unitCost.amount, unitCost.currency) : null,
              vendorSubscriptionId: vendorSubscriptionId ?? null,
            }),
          )
        : null,
    providerVersion,
    asOf: Date.parse(news.asOf),
  };
}

/** CMP also knows statement days, lengths of nothing and words of its own; those are no period of ours. */
const periodOf = (term: SubscriptionTermV1 | undefined): Period | null =>
  (term && Period.of(term.type, term.duration)) ?? null;
