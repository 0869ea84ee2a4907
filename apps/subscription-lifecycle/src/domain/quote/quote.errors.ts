import type { Difference } from './differences.ts';

/** No quote of this tenant has this id; quotes are kept for a day after they have expired. */
export class QuoteNotFound extends Error {
  override readonly name = 'QuoteNotFound';
  readonly code = 'quote.not-found';
  readonly nextStep = 'Quote the order again; quotes are deleted a day after they have expired.';

  constructor(readonly quoteId: string) {
    super(`There is no quote ${quoteId}.`);
  }
}

/** Prices and windows may be others by now. */
export class QuoteExpired extends Error {
  override readonly name = 'QuoteExpired';
  readonly code = 'quote.expired';
  readonly nextStep = 'Quote the order again and agree to the new quote.';

  constructor(
    readonly quoteId: string,
    expiredAt: number,
  ) {
    super(`Quote ${quoteId} expired ${new Date(expiredAt).toISOString()}.`);
  }
}

/** Who agreed to a quote agreed to one order. */
export class QuoteUsed extends Error {
  override readonly name = 'QuoteUsed';
  readonly code = 'quote.used';
  readonly nextStep = 'Look at the order that was placed for it; quote again if another one is meant.';

  constructor(readonly quoteId: string) {
    super(`An order was placed for quote ${quoteId} already.`);
  }
}

/** The order is not the one that was quoted. */
export class OrderDiffersFromQuote extends Error {
  override readonly name = 'OrderDiffersFromQuote';
  readonly code = 'order.differs-from-quote';
  readonly nextStep = 'Order what was quoted, or quote what is to be ordered.';
  readonly errors: readonly Difference[];

  constructor(quoteId: string, differences: readonly Difference[]) {
    const words = differences.map(({ field, message }) => `${field} ${message}`);
    super(`The order is not what quote ${quoteId} is for: ${words.join('; ')}.`);
    this.errors = differences;
  }
}

/** The quote said that the order would be refused, or could not say what it would cost: there is nothing to agree to. */
export class QuoteNotBinding extends Error {
  override readonly name = 'QuoteNotBinding';
  readonly code: 'order.quote-refused' | 'order.quote-without-price';
  readonly nextStep: string;

  constructor(quoteId: string, refused: { detail: string; nextStep: string } | null) {
    super(
      refused
        ? `Quote ${quoteId} said that the order would be refused: ${refused.detail}`
        : `Quote ${quoteId} does not say what the order would cost.`,
    );
    this.code = refused ? 'order.quote-refused' : 'order.quote-without-price';
    this.nextStep =
      refused?.nextStep ??
      'Quote again when CMP can be asked, or order without the quote and with a highestTotal.';
  }
}
