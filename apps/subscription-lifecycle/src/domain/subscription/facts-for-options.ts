import type { SubscriptionFacts } from '../nce/options.ts';
import type { ProductSigns } from '../nce/product-line.ts';
import type { SubscriptionState } from './subscription-record.ts';

/** A subscription as its options are computed from, by one of its lines. */
export const factsForOptions = (
  state: SubscriptionState,
  product: ProductSigns,
  seats?: number,
): SubscriptionFacts => ({
  seats,
  status: state.status,
  product,
  autoRenew: state.autoRenew,
  term: state.term ?? undefined,
  termStartedAt: state.termStartedAt,
  renewsAt: state.renewalDate === null ? null : Date.parse(`${state.renewalDate}T00:00:00Z`),
});
