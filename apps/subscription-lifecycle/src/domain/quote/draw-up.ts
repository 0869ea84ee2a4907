import type { CmpOrderEstimate } from '@isthmus/cmp-client';
import type { OrderAsk } from '../order/order-ask.ts';
import type { OrderReason } from '../order/order-reason.ts';
import type { OrderBasis } from './order-basis.ts';
import { ownEstimate, type RefundRules } from './own-estimate.ts';
import type { CmpOpinion, Quote, QuotedRefusal } from './quote.ts';
import { quotedEffects } from './quoted-effects.ts';
import { quotedLines } from './quoted-lines.ts';
import { termsAsked, unitPriceOf } from './terms-of-order.ts';

/** What CMP answered when it was asked for an estimate. */
export type CmpAnswer =
  | { answer: 'estimated'; estimate: CmpOrderEstimate }
  | { answer: 'refused' | 'away'; reason: OrderReason }
  | { answer: 'not-asked' };

export interface QuoteFacts extends RefundRules {
  basis: OrderBasis;
  connectorId: string;
  subscriptionId: string | null;
  cmp: CmpAnswer;
  warnings: OrderReason[];
  /** Where the order would be refused although it can be priced. */
  refused: QuotedRefusal | null;
}

/** The quote of an order that is possible as far as we know. Pure: the same facts and instant give the same quote. */
export function drawUp(ask: OrderAsk, facts: QuoteFacts, now: number): Quote {
  const { connectorId, subscriptionId, basis, cmp, warnings } = facts;
  const estimate = ownEstimate(ask, basis, facts, now);
  const opinion = opinionOf(cmp);
  return {
    ask,
    connectorId,
    subscriptionId,
    ...termsAsked(ask, basis),
    unitPrice: unitPriceOf(ask, basis),
    lines: quotedLines(ask, basis, cmp.answer === 'estimated' ? cmp.estimate : null),
    chargedAt: ask.kind === 'change-quantity' ? ask.when : 'now',
    total: opinion.total ?? estimate,
    estimate,
    cmp: opinion,
    effects: quotedEffects(ask, basis.subscription, now, basis.extended),
    warnings,
    refused: facts.refused ?? (cmp.answer === 'refused' ? cmp.reason : null),
  };
}

/** The quote of an order that is refused before CMP is asked. */
export const quoteOfRefused = (refused: QuotedRefusal): Quote => ({
  ask: null,
  connectorId: null,
  subscriptionId: null,
  term: null,
  billingPeriod: null,
  unitPrice: null,
  lines: [],
  chargedAt: 'now',
  total: null,
  estimate: null,
  cmp: { answer: 'not-asked', total: null, lines: [], reason: null },
  effects: [],
  warnings: [],
  refused,
});

function opinionOf(cmp: CmpAnswer): CmpOpinion {
  const empty: CmpOpinion = { answer: cmp.answer, total: null, lines: [], reason: null };
  if (cmp.answer === 'not-asked') return empty;
  if (cmp.answer !== 'estimated') return { ...empty, reason: cmp.reason };
  const { total, products } = cmp.estimate;
  return { ...empty, total: total ?? null, lines: products.map(lineOf) };
}

const lineOf = ({ mpn, name, quantity, extendedPrice }: CmpOrderEstimate['products'][number]) => ({
  mpn: mpn ?? null,
  name: name ?? null,
  quantity,
  extendedPrice: extendedPrice ?? null,
});
