import { type Money, Period } from '@isthmus/domain';
import { type OrderReason, reason } from '../../orders/order.ts';
import { times } from '../../quotes/quote.ts';
import type { ScheduledKind } from '../../scheduled-changes/scheduled-change.ts';
import { factsForOptions, withoutRenewal } from '../rules/options.ts';
import { subscriptionTotal } from '../subscription-events.ts';
import type { SubscriptionRow } from '../subscription.entity.ts';
import {
  findLine,
  isExtended,
  leadingLine,
  type SubscriptionLine,
  type SubscriptionState,
  termEnd,
} from '../subscription.ts';
import { monthsOf } from './overviews.ts';

/** A change of a subscription that an order or a scheduled change will make. */
export interface ExpectedChange {
  scheduledChangeId: string | null;
  kind: ScheduledKind;
  /** The new total; of a change of quantity. */
  seats: number | null;
  autoRenew: boolean | null;
  /** The line, if it is named. */
  mpn: string | null;
  cmpProductId: string | null;
  /** ISO 8601; null: at once, or at the renewal. */
  dueAt: string | null;
  /** False if somebody has to confirm it first. */
  isCertain: boolean;
}

/** The end of a term, when nobody does anything. */
export interface Renewal {
  /** `YYYY-MM-DD`. */
  on: string | null;
  outcome: 'renews' | 'ends';
  /** Of all lines; null while they are unknown. */
  seats: number | null;
  seatsAtRenewal: number | null;
  /** What the next term costs as a whole; null if it ends, or if that is not known. */
  cost: Money | null;
  /** Why there is no cost. */
  noCost: OrderReason | null;
  scheduledChangeId: string | null;
  /** Whether the scheduled change is part of the result; null without one. */
  isChangeCounted: boolean | null;
}

/**
 * What happens at the end of the term, and what the next one costs, with all that happens by itself until then. Prices are those
 * that CMP states for the present term.
 */
export function renewalOf(
  { state, name }: Pick<SubscriptionRow, 'state' | 'name'>,
  expected: readonly ExpectedChange[],
): Renewal {
  const on = termEnd(state);
  const relevant = expected.filter(
    ({ dueAt }) => dueAt === null || on === null || Date.parse(dueAt) < Date.parse(`${on}T00:00:00Z`),
  );
  const certain = relevant.filter(({ isCertain }) => isCertain);
  const planned = [...certain, ...relevant].find(({ scheduledChangeId }) => scheduledChangeId !== null);
  const unclear = certain.find((change) => change.kind === 'change-quantity' && !lineOf(state, change));
  const after = certain.filter((change) => change !== unclear).reduce(changed, { state, cancelled: false });
  const seatsAfter = seatsOf(after.state.lines);
  const ends = after.cancelled || !after.state.autoRenew;
  const cost = ends ? endsWith(after, state, name) : (lineNotKnown(unclear) ?? nextTerm(after.state, name));
  return {
    on,
    outcome: ends ? 'ends' : 'renews',
    seats: seatsOf(state.lines),
    seatsAtRenewal: ends ? 0 : unclear ? null : seatsAfter,
    ...('amount' in cost ? { cost, noCost: null } : { cost: null, noCost: cost }),
    scheduledChangeId: planned?.scheduledChangeId ?? null,
    isChangeCounted: planned ? planned.isCertain && (ends || planned !== unclear) : null,
  };
}

const lineOf = (state: SubscriptionState, { mpn, cmpProductId }: ExpectedChange) =>
  findLine(state, mpn ?? undefined, cmpProductId || undefined);

interface Expected {
  state: SubscriptionState;
  cancelled: boolean;
}

function changed({ state, cancelled }: Expected, change: ExpectedChange): Expected {
  const { kind, seats, autoRenew } = change;
  if (kind === 'cancel') return { state, cancelled: true };
  if (kind === 'renewal-setting') return { state: { ...state, autoRenew: autoRenew ?? false }, cancelled };
  const line = lineOf(state, change);
  const lines = (state.lines ?? []).map((one) => (one === line ? { ...one, seats: seats ?? 0 } : one));
  return { state: { ...state, lines: state.lines && lines }, cancelled };
}

const seatsOf = (lines: readonly SubscriptionLine[] | null): number | null =>
  lines && lines.reduce((sum, { seats }) => sum + seats, 0);

function endsWith({ cancelled }: Expected, state: SubscriptionState, name: string): OrderReason {
  if (cancelled)
    return reason('ends', `${name} is cancelled by its renewal.`, 'Nothing to do, if that is intended.');
  const facts = factsForOptions(state, { mpn: '', name, ...leadingLine(state) });
  return reason(
    'ends',
    withoutRenewal(facts),
    'Nothing to do, if that is intended; otherwise switch auto-renew on.',
  );
}

const lineNotKnown = (change: ExpectedChange | undefined): OrderReason | null =>
  change
    ? reason(
        'line-not-known',
        'A change of seats is under way, and it is not known which of the lines it is for.',
        'Wait until it is settled, or specify the mpn of the line in the scheduled change.',
      )
    : null;

function nextTerm(state: SubscriptionState, name: string): Money | OrderReason {
  const lines = state.lines ?? [];
  if (lines.length === 0)
    return reason(
      'lines-not-known',
      `The product lines of ${name} have not been read from CMP yet.`,
      'Sync the subscription.',
    );
  if (isExtended(state))
    return reason(
      'extended-term',
      `${name} is in an extended service term: it continues month by month at a higher price, which CMP does not state.`,
      'Cancel it, or buy a new subscription in its place.',
    );
  const total = subscriptionTotal(state);
  if (!total) return noTotal(lines, name);
  const periods = periodsIn(state);
  if (periods) return times(total, periods);
  return reason(
    'term-not-known',
    `CMP does not state a term and a billing period of ${name} from which the price of a whole term follows.`,
    "Check them in CMP's control panel; the price per billing period is in GET /v1/subscriptions.",
  );
}

function noTotal(lines: readonly SubscriptionLine[], name: string): OrderReason {
  const without = lines.filter(({ unitPrice }) => !unitPrice).map((line) => line.name || line.mpn);
  if (without.length === 0)
    return reason(
      'prices-not-comparable',
      `The lines of ${name} have prices in several currencies, or a number of seats that is not whole.`,
      "Check the lines in CMP's control panel.",
    );
  return reason(
    'price-not-known',
    `CMP states no price of ${without.join(', ')}.`,
    "Look the price up in CMP's control panel; it is included here as soon as CMP states it.",
  );
}

/** How often the next term is billed; null where a term is not a whole number of billing periods. */
function periodsIn({ term, billingPeriod }: SubscriptionState): number | null {
  const [whole, part] = [term, billingPeriod].map((one) => one && Period.of(one.type, one.duration));
  if (!whole || !part || (whole.type === 'day') !== (part.type === 'day')) return null;
  const length = (period: Period): number => monthsOf(period) ?? period.duration;
  const periods = length(whole) / length(part);
  return Number.isInteger(periods) ? periods : null;
}
