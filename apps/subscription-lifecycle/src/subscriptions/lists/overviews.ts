import { Decimal, Money, Period } from '@isthmus/domain';
import { classifyProduct } from '../rules/product-line.ts';
import { windowCloses, windowOpen } from '../rules/seat-lots.ts';
import { subscriptionTotal } from '../subscription-events.ts';
import type { SubscriptionRow } from '../subscription.entity.ts';
import { isExtended, leadingLine } from '../subscription.ts';

/** Seats that can be returned until `closesAt`. */
export interface OpenWindow {
  row: SubscriptionRow;
  seats: number;
  line: string | null;
  addedAt: number;
  closesAt: number;
}

/** Only new commerce has windows, and none in an extended service term. */
export function hasWindows({ state }: Pick<SubscriptionRow, 'state'>): boolean {
  const line = leadingLine(state);
  return line !== undefined && classifyProduct(line) === 'nce' && !isExtended(state);
}

/** The open windows of active subscriptions that close before a time, next one first. */
export const openWindows = (rows: readonly SubscriptionRow[], now: number, before: number): OpenWindow[] =>
  rows
    .filter((row) => row.status === 'active' && hasWindows(row))
    .flatMap((row) =>
      (row.state.lots ?? [])
        .filter(({ addedAt }) => windowOpen(addedAt, now) && windowCloses(addedAt) < before)
        .map(({ seats, addedAt, line = null }) => ({
          ...{ row, seats, line, addedAt },
          closesAt: windowCloses(addedAt),
        })),
    )
    .toSorted((a, b) => a.closesAt - b.closesAt);

/** The subscriptions of a billing contract, and what they cost. */
export interface ContractTotal {
  billingContractId: string;
  subscriptions: number;
  seats: number;
  /** Per currency, as if every subscription was billed monthly; rounded per subscription. */
  monthlyTotals: Money[];
  /** Subscriptions that are not in the totals, because a price or the billing period is unknown. */
  withoutPrice: number;
}

/** One per contract; those without subscriptions have zeros. */
export function contractTotals(
  contracts: readonly string[],
  rows: readonly SubscriptionRow[],
): ContractTotal[] {
  return contracts.map((billingContractId) => {
    const own = rows.filter((row) => row.billingContractId === billingContractId);
    const monthly = own.map(monthlyTotal);
    const amounts = Map.groupBy(
      monthly.filter((total) => total !== null),
      ({ currency }) => currency,
    );
    return {
      billingContractId,
      subscriptions: own.length,
      seats: own.reduce(
        (sum, { state }) => sum + (state.lines ?? []).reduce((n, { seats }) => n + seats, 0),
        0,
      ),
      monthlyTotals: [...amounts].map(([currency, sums]) =>
        Money.of(Decimal.sum(sums.map(({ amount }) => amount)), currency),
      ),
      withoutPrice: monthly.filter((total) => total === null).length,
    };
  });
}

function monthlyTotal({ state }: SubscriptionRow): Money | null {
  const total = subscriptionTotal(state);
  const months = state.billingPeriod && monthsOf(state.billingPeriod);
  return total && months ? Money.of(Decimal.share(total.amount, 1, months), total.currency) : null;
}

/** Null for periods of days. */
export const monthsOf = ({ type, duration }: Period): number | null =>
  type === 'day' ? null : type === 'year' ? 12 * duration : duration;
