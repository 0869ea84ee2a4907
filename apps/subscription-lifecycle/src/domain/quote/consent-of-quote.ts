import type { OrderAsk } from '../order/order-ask.ts';
import type { Consent } from '../order/order-record.ts';
import { differences } from './differences.ts';
import type { Quote } from './quote.ts';
import { OrderDiffersFromQuote, QuoteExpired, QuoteNotBinding } from './quote.errors.ts';
import { raisedBy } from './sums.ts';

/** A stored quote, as far as an order is bound to it. */
export interface StoredQuote {
  id: string;
  quote: Quote;
  /** Milliseconds, UTC. */
  expiresAt: number;
}

/**
 * What somebody agreed to who orders by a quote: its total, within a tolerance, and the products that CMP adds.
 * Cancellations and renewal settings cost nothing; no price is checked before they are sent.
 * @throws QuoteExpired, OrderDiffersFromQuote, QuoteNotBinding
 */
export function consentOfQuote(
  { id, quote, expiresAt }: StoredQuote,
  ask: OrderAsk,
  tolerancePercent: number,
  now: number,
): Consent {
  if (now >= expiresAt) throw new QuoteExpired(id, expiresAt);
  if (quote.refused || !quote.ask) throw new QuoteNotBinding(id, quote.refused);
  const other = differences(quote.ask, ask);
  if (other.length > 0) throw new OrderDiffersFromQuote(id, other);
  const extraProducts = quote.lines.flatMap(({ addedByCmp, mpn }) => (addedByCmp && mpn ? [mpn] : []));
  if (ask.kind === 'cancel' || ask.kind === 'renewal-setting') return { highestTotal: null, extraProducts };
  if (!quote.total) throw new QuoteNotBinding(id, null);
  return { highestTotal: raisedBy(quote.total, tolerancePercent), extraProducts };
}
