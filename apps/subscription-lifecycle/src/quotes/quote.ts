import { isDeepStrictEqual } from 'node:util';
import { Decimal, DomainError, type FieldError, Money } from '@isthmus/domain';
import type { Consent, OrderProduct, OrderReason, OrderSpec } from '../orders/order.ts';

/** A product of the order, as it would be afterwards. */
export interface QuotedLine {
  mpn: string | null;
  name: string | null;
  seatsBefore: number;
  seatsAfter: number;
  /** Per seat and billing period; null if unknown. */
  unitPrice: Money | null;
  /** Price of all seats afterwards, for a whole billing period. */
  extendedPrice: Money | null;
  /** True if the line was not ordered, but is added by CMP because another product needs it. */
  addedByCmp: boolean;
}

/** The effect of the order on windows and dates. */
export interface QuotedEffect {
  code:
    | 'opens-window'
    | 'opens-lot'
    | 'takes-from-lots'
    | 'at-renewal'
    | 'window-closes'
    | 'ends-at-once'
    | 'ends-with-term'
    | 'extended-term'
    | 'renews';
  /** In words. */
  detail: string;
  seats?: number;
  /** Milliseconds, UTC. */
  at?: number;
}

/** CMP's estimate of the order. `not-requested`: it costs nothing there. `away`: CMP could not be reached, or does not state it. */
export interface CmpEstimate {
  answer: 'estimated' | 'refused' | 'away' | 'not-requested';
  total: Money | null;
  lines: { mpn: string | null; name: string | null; quantity: number; extendedPrice: Money | null }[];
  /** Unless it estimated. */
  reason: OrderReason | null;
}

/** The reason why the order would be refused. */
export type QuotedRefusal = OrderReason & { errors?: readonly FieldError[]; offer?: object };

/** The cost and effect of an order, or why it would be refused. */
export interface Quote {
  /** The order that would be sent to CMP; null if it was refused before that. */
  spec: OrderSpec | null;
  connectorId: string | null;
  subscriptionId: string | null;
  /** In ISO 8601; null if unknown. */
  term: string | null;
  billingPeriod: string | null;
  /** Per seat and billing period. */
  unitPrice: Money | null;
  lines: QuotedLine[];
  /** The time at which the total is charged. */
  chargedAt: 'now' | 'renewal';
  /** CMP's, or ours if CMP did not estimate; a refund is negative. Null if unknown. */
  total: Money | null;
  /** Ours, from prices and proration. */
  estimate: Money | null;
  cmp: CmpEstimate;
  effects: QuotedEffect[];
  warnings: OrderReason[];
  refused: QuotedRefusal | null;
}

/** A stored quote, as far as an order is bound to it. */
interface StoredQuote {
  id: string;
  quote: Quote;
  /** Milliseconds, UTC. */
  expiresAt: number;
}

/**
 * The consent that an order with a quote gives: to its total, within a tolerance, and to the products that CMP adds.
 * Cancellations and renewal settings cost nothing; no price is checked before they are sent.
 * @throws QuoteExpired, OrderDiffersFromQuote, QuoteNotBinding
 */
export function quotedConsent(
  { id, quote, expiresAt }: StoredQuote,
  spec: OrderSpec,
  tolerancePercent: number,
  now: number,
): Consent {
  if (now >= expiresAt) throw new QuoteExpired(id, expiresAt);
  if (quote.refused || !quote.spec) throw new QuoteNotBinding(id, quote.refused);
  const other = differences(quote.spec, spec);
  if (other.length > 0) throw new OrderDiffersFromQuote(id, other);
  const extraProducts = quote.lines.flatMap(({ addedByCmp, mpn }) => (addedByCmp && mpn ? [mpn] : []));
  if (spec.kind === 'cancel' || spec.kind === 'renewal-setting') return { highestTotal: null, extraProducts };
  if (!quote.total) throw new QuoteNotBinding(id, null);
  return { highestTotal: withTolerance(quote.total, tolerancePercent), extraProducts };
}

/** A field of the order that is not as it was quoted. */
interface Difference {
  /** The field's name in the command. */
  field: string;
  message: string;
}

/** Fields in which an order differs from its quote; empty if they agree. */
export function differences(quoted: OrderSpec, ordered: OrderSpec): Difference[] {
  const before = comparedFields(quoted);
  const after = comparedFields(ordered);
  return Object.keys({ ...before, ...after })
    .filter((field) => !isDeepStrictEqual(before[field], after[field]))
    .map((field) => ({
      field,
      message: `was quoted as ${print(before[field])}, not ${print(after[field])}`,
    }));
}

function comparedFields(spec: OrderSpec): Record<string, unknown> {
  return {
    kind: spec.kind,
    account: spec.cmpAccountId,
    ...(spec.kind === 'create' ? {} : { subscription: spec.cmpSubscriptionId }),
    ...('product' in spec ? { product: productFields(spec.product), seats: spec.seats } : {}),
    ...(spec.kind === 'change-quantity' ? { when: spec.when } : {}),
    ...(spec.kind === 'renewal-setting' ? { autoRenew: spec.autoRenew } : {}),
    ...(spec.kind === 'create'
      ? Object.fromEntries(spec.parameters.map(({ name, ...value }) => [`parameters.${name}`, plain(value)]))
      : {}),
  };
}

/** The fields with which an order specifies a product. */
const productFields = ({ vendor, mpn, cmpProductId, billingPeriod, term }: OrderProduct): unknown =>
  plain({ vendor, mpn, cmpProductId, billingPeriod, term });

/** Without absent members, as storing leaves it. */
const plain = (value: object): unknown => JSON.parse(JSON.stringify(value));

const print = (value: unknown): string => (value === undefined ? 'nothing' : JSON.stringify(value));

/** No quote of this tenant has this id; quotes are kept for a day after they have expired. */
export class QuoteNotFound extends DomainError {
  static override readonly code = 'quote.not-found';

  constructor(quoteId: string) {
    super(`There is no quote ${quoteId}.`, {
      nextStep: 'Quote the order again; quotes are deleted a day after they have expired.',
    });
  }
}

/** Prices and windows may be others by now. */
class QuoteExpired extends DomainError {
  static override readonly code = 'quote.expired';

  constructor(quoteId: string, expiredAt: number) {
    super(`Quote ${quoteId} expired ${new Date(expiredAt).toISOString()}.`, {
      nextStep: 'Quote the order again and agree to the new quote.',
    });
  }
}

/** A quote is an agreement to one order only. */
export class QuoteUsed extends DomainError {
  static override readonly code = 'quote.used';

  constructor(quoteId: string) {
    super(`An order was already placed for quote ${quoteId}.`, {
      nextStep: 'Check the order that was placed for it; quote again for another order.',
    });
  }
}

/** The order is not the one that was quoted. */
export class OrderDiffersFromQuote extends DomainError {
  static override readonly code = 'order.differs-from-quote';

  constructor(quoteId: string, differences: readonly Difference[]) {
    const words = differences.map(({ field, message }) => `${field} ${message}`);
    super(`The order differs from quote ${quoteId}: ${words.join('; ')}.`, {
      title: 'The order is not the one that was quoted',
      nextStep: 'Order exactly what was quoted, or get a quote for this order.',
      errors: differences,
    });
  }
}

/** According to the quote, the order would be refused, or its cost is unknown: there is nothing to agree to. */
class QuoteNotBinding extends DomainError {
  constructor(quoteId: string, refused: { detail: string; nextStep: string } | null) {
    super(
      refused
        ? `According to quote ${quoteId}, the order would be rejected: ${refused.detail}`
        : `Quote ${quoteId} contains no price.`,
      {
        code: refused ? 'order.quote-refused' : 'order.quote-without-price',
        nextStep:
          refused?.nextStep ??
          'Quote again when CMP can be reached, or order without the quote and with a highestTotal.',
      },
    );
  }
}

const day = 86_400_000;

/** A billing period that is paid for, `[from, until)`, and what a seat costs in it. */
export interface PaidPeriod {
  from: number;
  until: number;
  seatPrice: Money;
}

/**
 * The cost (or, negative, refund) of a change of seats for the rest of the period, by whole days, where a started day is
 * charged in full. An estimate: CMP's own `/orders/estimate` decides. Source: Microsoft Learn, "Create a new subscription":
 * refunds are prorated daily, on day five of a term five days are billed.
 */
export function prorated({ from, until, seatPrice }: PaidPeriod, seats: number, now: number): Money {
  const days = Math.round((until - from) / day);
  const used = Math.min(days, Math.max(0, Math.floor((now - from) / day)));
  // Added seats are charged for the day that has begun; returned seats are not refunded for it.
  const left = seats >= 0 ? days - used : days - Math.min(days, used + 1);
  return share(seatPrice, seats * left, days);
}

/** The amount times a fraction, rounded half away from zero, with at least two decimals and at least as many as the amount. */
export const share = ({ amount, currency }: Money, times: number, of: number): Money =>
  Money.of(Decimal.share(amount, times, of), currency);

/** The price of so many. */
export const times = (price: Money, count: number): Money => share(price, count, 1);

/** The sum, or null if a part of it is unknown or the currencies differ. */
export function sumOf(amounts: readonly (Money | null)[]): Money | null {
  const [first, ...others] = amounts;
  if (!first) return null;
  return others.reduce<Money | null>((sum, next) => sum && next && plus(sum, next), first);
}

const plus = (a: Money, b: Money): Money | null =>
  a.currency === b.currency ? Money.of(Decimal.sum([a.amount, b.amount]), a.currency) : null;

/** The highest amount within a tolerance in percent, with up to three decimals; of a refund, the least. */
export function withTolerance(total: Money, percent: number): Money {
  const magnitude = { ...total, amount: Decimal.magnitude(total.amount) };
  return plus(total, share(magnitude, Math.round(percent * 1_000), 100_000))!;
}
