import type { SubscriptionFacts } from '../nce/options.ts';
import type { ProductSigns } from '../nce/product-line.ts';
import { isExtended, type SubscriptionState } from './subscription-record.ts';

/** What is known beside the subscription of what may be done with one of its lines. */
export interface ChangeRules {
  /** Names, or parts of them, and part numbers of products that are in an extended service term whatever else is known. */
  extendedTermProducts?: readonly string[];
  /** Of the line's product; undefined where the catalogue does not say. */
  minimumSeats?: number | undefined;
  maximumSeats?: number | undefined;
}

/** A subscription as its options are computed from, by one of its lines. */
export const factsForOptions = (
  state: SubscriptionState,
  product: ProductSigns,
  seats?: number,
  { extendedTermProducts = [], minimumSeats, maximumSeats }: ChangeRules = {},
): SubscriptionFacts => ({
  seats,
  status: state.status,
  product,
  autoRenew: state.autoRenew,
  term: state.term ?? undefined,
  termStartedAt: state.termStartedAt,
  renewsAt: state.renewalDate === null ? null : Date.parse(`${state.renewalDate}T00:00:00Z`),
  extended: isExtended(state) || isNamed(product, extendedTermProducts),
  minimumSeats,
  maximumSeats,
});

export function isNamed({ mpn, name = '' }: ProductSigns, products: readonly string[]): boolean {
  const [number, words] = [mpn.toLowerCase(), name.toLowerCase()];
  return products.some(
    (one) => one !== '' && (number === one.toLowerCase() || words.includes(one.toLowerCase())),
  );
}
