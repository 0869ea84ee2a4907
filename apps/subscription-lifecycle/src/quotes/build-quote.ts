import type { CmpOrderEstimate, CmpOrderLine } from '@isthmus/cmp-client';
import type { Money } from '@isthmus/domain';
import {
  type ChangeQuantitySpec,
  type OrderKind,
  type OrderReason,
  type OrderSpec,
  reason,
} from '../orders/order.ts';
import { isProduct } from '../orders/protocol/order-at-cmp.ts';
import { classifyProduct } from '../subscriptions/rules/product-line.ts';
import {
  lotsAt,
  lotsForLine,
  reducibleSeats,
  reducibleUntil,
  totalSeats,
  windowCloses,
} from '../subscriptions/rules/seat-lots.ts';
import {
  plausibleDay,
  type SubscriptionLine,
  type SubscriptionState,
  termEnd,
} from '../subscriptions/subscription.ts';
import {
  isLineFor,
  type OrderBasis,
  ownEstimate,
  quotedUnitPrice,
  type RefundRules,
  requestedTerms,
} from './estimate.ts';
import {
  type CmpEstimate,
  type Quote,
  type QuotedEffect,
  type QuotedLine,
  type QuotedRefusal,
  times,
} from './quote.ts';

/** The result of requesting an estimate from CMP. */
export type EstimateResult =
  | { answer: 'estimated'; estimate: CmpOrderEstimate }
  | { answer: 'refused' | 'away'; reason: OrderReason }
  | { answer: 'not-requested' };

interface QuoteInputs extends RefundRules {
  basis: OrderBasis;
  connectorId: string;
  subscriptionId: string | null;
  cmp: EstimateResult;
  warnings: OrderReason[];
  /** Set if the order would be refused although it can be priced. */
  refused: QuotedRefusal | null;
}

/** The quote of an order that is possible as far as we know. Pure: the same facts and time give the same quote. */
export function buildQuote(spec: OrderSpec, facts: QuoteInputs, now: number): Quote {
  const { connectorId, subscriptionId, basis, cmp, warnings } = facts;
  const estimate = ownEstimate(spec, basis, facts, now);
  const opinion = toCmpEstimate(cmp);
  return {
    spec,
    connectorId,
    subscriptionId,
    ...requestedTerms(spec, basis),
    unitPrice: quotedUnitPrice(spec, basis),
    lines: quotedLines(spec, basis, cmp.answer === 'estimated' ? cmp.estimate : null),
    chargedAt: spec.kind === 'change-quantity' ? spec.when : 'now',
    total: opinion.total ?? estimate,
    estimate,
    cmp: opinion,
    effects: quotedEffects(spec, basis.subscription, now, basis.extended),
    warnings,
    refused: facts.refused ?? (cmp.answer === 'refused' ? cmp.reason : null),
  };
}

/** The quote of an order that is refused before any call to CMP. */
export const quoteOfRefused = (refused: QuotedRefusal): Quote => ({
  spec: null,
  connectorId: null,
  subscriptionId: null,
  term: null,
  billingPeriod: null,
  unitPrice: null,
  lines: [],
  chargedAt: 'now',
  total: null,
  estimate: null,
  cmp: { answer: 'not-requested', total: null, lines: [], reason: null },
  effects: [],
  warnings: [],
  refused,
});

function toCmpEstimate(cmp: EstimateResult): CmpEstimate {
  const empty: CmpEstimate = { answer: cmp.answer, total: null, lines: [], reason: null };
  if (cmp.answer === 'not-requested') return empty;
  if (cmp.answer !== 'estimated') return { ...empty, reason: cmp.reason };
  const { total, products } = cmp.estimate;
  return { ...empty, total: total ?? null, lines: products.map(estimateLine) };
}

const estimateLine = ({ mpn, name, quantity, extendedPrice }: CmpOrderEstimate['products'][number]) => ({
  mpn: mpn ?? null,
  name: name ?? null,
  quantity,
  extendedPrice: extendedPrice ?? null,
});

/**
 * The lines of the order, and those that CMP adds. CMP's estimate shows which those are; without one, they are those that
 * the product needs and the customer may lack.
 */
function quotedLines(spec: OrderSpec, basis: OrderBasis, estimate: CmpOrderEstimate | null): QuotedLine[] {
  if (spec.kind !== 'create' && spec.kind !== 'change-quantity')
    return currentLines(spec, basis.subscription);
  const requested = estimate?.products.find((line) => isProduct(line, spec.product));
  const extra = estimate
    ? estimate.products.filter((line) => !isProduct(line, spec.product)).map(addedLine)
    : basis.dependsOn.map(({ mpn = null }) => added(mpn, null, 1, null, null));
  const unchanged = spec.kind === 'create' ? [] : currentLines(spec, basis.subscription);
  return [requestedLine(spec, basis, requested), ...unchanged, ...extra];
}

function requestedLine(
  spec: Extract<OrderSpec, { kind: 'create' | 'change-quantity' }>,
  { unitPrice, subscription }: OrderBasis,
  atCmp: CmpOrderLine | undefined,
): QuotedLine {
  const before =
    spec.kind === 'create' ? undefined : subscription?.lines?.find((line) => isLineFor(line, spec.product));
  const price = (spec.kind === 'create' ? unitPrice : before?.unitPrice) ?? atCmp?.unitPrice ?? null;
  return {
    mpn: spec.product.mpn,
    name: spec.product.name ?? atCmp?.name ?? null,
    seatsBefore: before?.seats ?? 0,
    seatsAfter: spec.seats,
    unitPrice: price,
    extendedPrice: price && times(price, spec.seats),
    addedByCmp: false,
  };
}

/** Lines that stay or, for a cancellation, end. */
function currentLines(spec: OrderSpec, subscription: SubscriptionState | null): QuotedLine[] {
  const lines = subscription?.lines ?? [];
  const others =
    spec.kind === 'change-quantity' ? lines.filter((line) => !isLineFor(line, spec.product)) : lines;
  return others.map((line) => unchangedLine(line, spec.kind === 'cancel' ? 0 : line.seats));
}

const unchangedLine = (
  { mpn, name, seats, unitPrice }: SubscriptionLine,
  seatsAfter: number,
): QuotedLine => ({
  mpn,
  name,
  seatsBefore: seats,
  seatsAfter,
  unitPrice,
  extendedPrice: unitPrice && times(unitPrice, seatsAfter),
  addedByCmp: false,
});

const addedLine = ({ mpn, name, quantity, unitPrice, extendedPrice }: CmpOrderLine): QuotedLine =>
  added(mpn ?? null, name ?? null, quantity, unitPrice ?? null, extendedPrice ?? null);

const added = (
  mpn: string | null,
  name: string | null,
  seatsAfter: number,
  unitPrice: Money | null,
  extendedPrice: Money | null,
): QuotedLine => ({ mpn, name, seatsBefore: 0, seatsAfter, unitPrice, extendedPrice, addedByCmp: true });

/**
 * The effect of the order on windows and dates. Windows that it opens begin when CMP has carried it out; they are shown as
 * if that were now, so that no more time is promised than there will be.
 */
export function quotedEffects(
  spec: OrderSpec,
  subscription: SubscriptionState | null,
  now: number,
  extended = false,
): QuotedEffect[] {
  switch (spec.kind) {
    case 'create':
      return classifyProduct(spec.product) === 'nce' ? [opensWindow(spec.seats, now)] : [];
    case 'change-quantity':
      if (extended && spec.when === 'now') return [extendedTerm(subscription, true)];
      return subscription ? ofChange(spec, subscription, now) : [];
    case 'cancel':
      return extended ? [endsAtOnce] : [...closing(subscription), endsAtOnce];
    case 'renewal-setting':
      return atEndOfTerm(spec.autoRenew, subscription, extended);
  }
}

function opensWindow(seats: number, now: number): QuotedEffect {
  const at = windowCloses(now);
  const returned = seats === 1 ? '' : `, and any of the ${seats} seats returned`;
  const detail = `It can be cancelled${returned}, until ${print(at)}.`;
  return { code: 'opens-window', detail, seats, at };
}

function ofChange(spec: ChangeQuantitySpec, subscription: SubscriptionState, now: number): QuotedEffect[] {
  if (spec.when === 'renewal') return [atRenewal(spec, subscription)];
  const line = (subscription.lines ?? []).find((one) => isLineFor(one, spec.product));
  if (!line || classifyProduct(line) !== 'nce') return [];
  const more = spec.seats - line.seats;
  if (more > 0) {
    const at = windowCloses(now);
    return [
      {
        code: 'opens-lot',
        detail: `The ${count(more)} can be returned until ${print(at)}.`,
        seats: more,
        at,
      },
    ];
  }
  const { lots } = subscription;
  return lots ? [takesFromLots(-more, lotsAt(lotsForLine(lots, line), spec.seats, now), now)] : [];
}

function takesFromLots(less: number, left: ReturnType<typeof lotsAt>, now: number): QuotedEffect {
  // One seat remains, whatever windows are open: none is a cancellation.
  const seats = Math.min(reducibleSeats(left, now), Math.max(0, totalSeats(left) - 1));
  const at = seats > 0 ? reducibleUntil(left, seats, now) : null;
  const further =
    at === null ? 'No further seat can be returned.' : `${seats} more can be returned until ${print(at)}.`;
  const detail = `${less === 1 ? 'The seat is' : `The ${less} seats are`} taken from those added last. ${further}`;
  return { code: 'takes-from-lots', detail, seats, ...(at === null ? {} : { at }) };
}

function atRenewal({ seats }: ChangeQuantitySpec, { renewalDate }: SubscriptionState): QuotedEffect {
  const day = plausibleDay(renewalDate);
  const on = day ? ` on ${day}` : '';
  const detail = `From the renewal${on} there ${seats === 1 ? 'is' : 'are'} ${count(seats)}, which can be returned for 168 hours.`;
  return { code: 'at-renewal', detail, seats, ...dayOf(day) };
}

function closing(subscription: SubscriptionState | null): QuotedEffect[] {
  const nce = (subscription?.lines ?? []).some((line) => classifyProduct(line) === 'nce');
  if (!nce || !subscription || subscription.termStartedAt === null) return [];
  const at = windowCloses(subscription.termStartedAt);
  return [{ code: 'window-closes', detail: `The cancellation window closes ${print(at)}.`, at }];
}

const endsAtOnce: QuotedEffect = {
  code: 'ends-at-once',
  detail: 'The service ends immediately and cannot be reinstated.',
};

/** What happens without a renewal is decided by the vendor and not known in advance, so both outcomes are shown. */
function atEndOfTerm(
  autoRenew: boolean,
  subscription: SubscriptionState | null,
  extended: boolean,
): QuotedEffect[] {
  const day = subscription && termEnd(subscription);
  const on = day ? ` on ${day}` : '';
  if (autoRenew) return [{ code: 'renews', detail: `It renews at the end of its term${on}.`, ...dayOf(day) }];
  if (extended) return [extendedTerm(subscription, true)];
  const nce = (subscription?.lines ?? []).some((line) => classifyProduct(line) === 'nce');
  const atOnce = nce ? ' The service then stops immediately, without a grace period.' : '';
  const ends: QuotedEffect = {
    code: 'ends-with-term',
    detail: `It ends with its term${on} and is paid for until then.${atOnce}`,
    ...dayOf(day),
  };
  return nce ? [ends, extendedTerm(subscription, false)] : [ends];
}

function extendedTerm(subscription: SubscriptionState | null, runs: boolean): QuotedEffect {
  const day = plausibleDay(subscription?.renewalDate);
  const detail = runs
    ? 'It is in an extended service term: it continues month by month at a higher price until it is cancelled. It can be cancelled and decreased any day.'
    : `Or, where the vendor offers an extended service term for it, it continues month by month${day ? ` from ${day} on` : ''}, at a higher price, until it is cancelled, which can be done any day.`;
  return { code: 'extended-term', detail, ...(runs ? {} : dayOf(day)) };
}

const dayOf = (day: string | null) => (day === null ? {} : { at: Date.parse(`${day}T00:00:00Z`) });

const count = (seats: number): string => (seats === 1 ? '1 seat' : `${seats} seats`);

const print = (at: number): string => new Date(at).toISOString().replace(':00.000Z', 'Z');

/** A warning that the quote may be out of date by the time its order is processed; undefined if no order is in progress. */
export function underWayWarning(orders: readonly { id: string; kind: OrderKind }[]): OrderReason | null {
  if (orders.length === 0) return null;
  const named = orders.map(({ id, kind }) => `${kind} ${id}`).join(', ');
  return reason(
    'orders-under-way',
    `Orders of this subscription are in progress and will change it first: ${named}.`,
    'Quote again when they are settled, or order anyway: the order waits for them and is checked again before it is sent.',
  );
}
