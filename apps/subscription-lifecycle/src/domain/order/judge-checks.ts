import type { CmpOrderEstimate, CmpSubscriptionDetail } from '@isthmus/cmp-client';
import { Decimal } from '@isthmus/domain';
import { decreaseRefusal } from '../nce/decrease-refusal.ts';
import { productLineOf } from '../nce/product-line.ts';
import { lotsOfLine, type SeatLot } from '../nce/seat-lots.ts';
import { changesAtOnce } from '../schedule/after-order.ts';
import { lossReason, type LostChange } from '../schedule/lost-changes.ts';
import { missingEffect } from './effect-of.ts';
import type { Evidence } from './evidence.ts';
import type { OrderRecord } from './order-record.ts';
import { reason } from './order-reason.ts';
import { isProduct } from './same-order.ts';

/** What was read from CMP before sending. */
export interface CheckedFacts {
  /** Absent for a purchase. */
  subscription?: CmpSubscriptionDetail;
  /** Absent for a cancellation and a renewal setting, which cost nothing more. */
  estimate?: CmpOrderEstimate;
  /** CMP's objections to the parameters of a purchase, in its words. */
  parameterErrors?: string[];
  /** Absent when nobody knows when the seats were added; CMP decides then. */
  lots?: readonly SeatLot[] | null;
  /** What CMP keeps for the renewal of the subscription, and would drop. */
  kept?: readonly LostChange[] | null | undefined;
}

type Verdict = Extract<Evidence, { saw: 'checks-passed' | 'already-so' | 'checks-refused' }>;

/**
 * Whether the order may be sent as things stand; everything that can be known without ordering is decided here. `now` is
 * the instant before the facts were read.
 */
export function judgeChecks(order: OrderRecord, facts: CheckedFacts, now: number): Verdict {
  const { ask } = order;
  const { subscription } = facts;
  if (subscription && ask.kind !== 'create' && !scheduled(order)) {
    if (missingEffect(ask, subscription) === null)
      return { saw: 'already-so', detail: `Subscription ${subscription.id} already is as asked.` };
  }
  if (subscription && subscription.status !== 'active')
    return refused(
      'subscription-not-active',
      `Subscription ${subscription.id} is ${subscription.status}.`,
      'Only active subscriptions can be changed.',
    );
  const seatsBefore = seatsIn(order, subscription);
  return (
    parameters(facts) ??
    price(order, facts.estimate) ??
    windowVerdict(order, facts, seatsBefore, now) ??
    lossVerdict(order, facts) ?? { saw: 'checks-passed', seatsBefore, since: now }
  );
}

const scheduled = ({ ask }: OrderRecord): boolean => ask.kind === 'change-quantity' && ask.when === 'renewal';

const refused = (code: string, detail: string, nextStep: string): Verdict => ({
  saw: 'checks-refused',
  reason: reason(code, detail, nextStep),
});

function seatsIn({ ask }: OrderRecord, subscription: CmpSubscriptionDetail | undefined): number | null {
  if (ask.kind !== 'change-quantity') return null;
  return subscription?.products.find((product) => isProduct(product, ask.product))?.quantity ?? null;
}

function parameters({ parameterErrors = [] }: CheckedFacts): Verdict | null {
  if (parameterErrors.length === 0) return null;
  return refused(
    'parameters-refused',
    `CMP does not take the parameters: ${parameterErrors.join('; ')}.`,
    'Mend the parameters and order again.',
  );
}

function price(order: OrderRecord, estimate: CmpOrderEstimate | undefined): Verdict | null {
  if (!estimate) return null;
  const { extraProducts, highestTotal } = order.consent;
  const asked =
    order.ask.kind === 'create' || order.ask.kind === 'change-quantity' ? order.ask.product : null;
  const extra = estimate.products
    .filter((line) => asked && !isProduct(line, asked))
    .map(({ mpn = '?' }) => mpn);
  const unasked = extraProducts === 'any' ? [] : extra.filter((mpn) => !extraProducts.includes(mpn));
  if (unasked.length > 0)
    return refused(
      'consent-needed',
      `CMP would add products that nobody asked for: ${unasked.join(', ')}.`,
      'Quote the order again and agree to the additional products.',
    );
  const { total } = estimate;
  if (!highestTotal || !total) return null;
  const above =
    total.currency !== highestTotal.currency || Decimal.compare(total.amount, highestTotal.amount) > 0;
  if (!above) return null;
  return refused(
    'price-above-tolerance',
    `The order would cost ${total.amount} ${total.currency}, more than the ${highestTotal.amount} ${highestTotal.currency} agreed to.`,
    'Quote the order again and agree to the new price.',
  );
}

/** The command was refused for this already, unless something was scheduled since. */
function lossVerdict(order: OrderRecord, { kept }: CheckedFacts): Verdict | null {
  if (!kept || order.consent.dropScheduledChanges || !changesAtOnce(order)) return null;
  const why = lossReason(kept);
  return why && { saw: 'checks-refused', reason: why };
}

function windowVerdict(
  { ask }: OrderRecord,
  { lots }: CheckedFacts,
  seatsBefore: number | null,
  now: number,
): Verdict | null {
  if (ask.kind !== 'change-quantity' || ask.when !== 'now' || !lots || seatsBefore === null) return null;
  if (productLineOf(ask.product) !== 'nce' || ask.extendedTerm || ask.seats >= seatsBefore) return null;
  const why = decreaseRefusal(lotsOfLine(lots, ask.product), ask.seats, now);
  return why && refused(why.code, why.detail, why.nextStep);
}
