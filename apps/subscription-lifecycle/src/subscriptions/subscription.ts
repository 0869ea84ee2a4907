import { isDeepStrictEqual } from 'node:util';
import { DomainError, type Money, type Period } from '@isthmus/domain';
import type { OrderRecord, OrderSpec } from '../orders/order.ts';
import { classifyProduct } from './rules/product-line.ts';
import { lineKey, lotsAt, lotsAtRenewal, type SeatLot, totalSeats } from './rules/seat-lots.ts';

/** A product within a subscription. */
export interface SubscriptionLine {
  vendor: string;
  mpn: string;
  cmpProductId: string;
  name: string;
  seats: number;
  unitPrice: Money | null;
  unitCost: Money | null;
  /** The vendor's own id, at Microsoft a GUID. */
  vendorSubscriptionId: string | null;
}

/**
 * With these a subscription has ended: CMP's own values, and ours for one that CMP no longer lists or whose connector was
 * removed.
 */
export const endedStatuses = ['terminated', 'removed', 'no-longer-listed', 'connector-removed'] as const;
export const isEnded = (status: string): boolean => (endedStatuses as readonly string[]).includes(status);

/** The fields of a subscription that CMP shows. Dates are `YYYY-MM-DD`. */
export interface ProviderFacts {
  name: string;
  /** The status as reported by CMP. */
  status: string;
  autoRenew: boolean;
  creationDate: string | null;
  renewalDate: string | null;
  expirationDate: string | null;
  billingPeriod: Period | null;
  term: Period | null;
  /** Null while only CMP's list was read, which has no lines. */
  lines: SubscriptionLine[] | null;
}

/** A renewal date that was read before it was reached, with what was last read along with it. */
export interface DateAhead {
  /** `YYYY-MM-DD`. */
  day: string;
  term: Period | null;
  autoRenew: boolean;
  /** Time at which it was first read. */
  readAt: number;
}

/** The facts, besides orders, from which the beginning of the current term is derived. Times are milliseconds, UTC. */
export interface TermEvidence {
  /** An upper bound of the creation time: the first time it was read. */
  firstSeenAt: number;
  /** CMP's creation date, 00:00 UTC; of several that it showed, the earliest. */
  createdAt: number | null;
  /** The latest beginning of a term that a reached renewal date explains. */
  renewedAt: number | null;
  /** The renewal dates that were read last, each of them before it was reached. */
  dates: DateAhead[];
  /** Since when it runs on, unrenewed, month by month (extended service term). */
  extendedSince: number | null;
}

/** The seats of all products as they were read once; lines of the same product share their lots. */
export interface SeatReading {
  /** Time at which CMP was read, or the event was received; milliseconds, UTC. */
  at: number;
  lines: { key: string; mpn: string; seats: number }[];
}

/** A subscription as stored, with its seat lots. Times are milliseconds, UTC. */
export interface SubscriptionState extends ProviderFacts {
  /** Lots of all lines; null while unknown. */
  lots: SeatLot[] | null;
  /** Purchase or last renewal; null when unknown. */
  termStartedAt: number | null;
  /** The mirror's version of this state; older events change nothing. */
  providerVersion: number;
  /** Time at which CMP was read. */
  asOf: number;
  /** The facts from which the beginning of the term is derived; absent in subscriptions stored before these facts were. */
  evidence?: TermEvidence;
  /** The facts from which the lots are derived, together with the orders. */
  readings?: SeatReading[];
}

/**
 * Tells who decided on the billing contract of a subscription. `default`: no one; without a contract it joins the default one.
 * `manual`: a user. `transferred`: it was unassigned because it moved to another customer, and awaits a manual assignment.
 */
export const assignments = ['default', 'manual', 'transferred'] as const;
export type Assignment = (typeof assignments)[number];

/** True if it continues month by month without a renewal, in an extended service term. */
export const isExtended = ({ evidence }: SubscriptionState): boolean =>
  (evidence?.extendedSince ?? null) !== null;

/** A plausible date: without auto-renew CMP may show one at the end of time. */
export const plausibleDay = (day: string | null | undefined): string | null =>
  day && day < '2100' && day > '1970' ? day : null;

/** The day on which it renews or ends. */
export const termEnd = ({
  renewalDate,
  expirationDate,
}: Pick<SubscriptionState, 'renewalDate' | 'expirationDate'>): string | null =>
  plausibleDay(renewalDate) ?? plausibleDay(expirationDate);

/** The line that is named, or the only one; none where what is named fits several, which may be of different products. */
export function findLine(
  { lines }: SubscriptionState,
  mpn: string | undefined,
  cmpProductId?: string,
): SubscriptionLine | undefined {
  const named = (lines ?? []).filter(
    (line) =>
      (mpn === undefined || line.mpn === mpn) &&
      (cmpProductId === undefined || line.cmpProductId === cmpProductId),
  );
  return named.length === 1 ? named[0] : undefined;
}

/** The line whose rules the subscription as a whole is under: new commerce is the strictest. */
export const leadingLine = ({ lines }: SubscriptionState): SubscriptionLine | undefined =>
  lines?.find((line) => classifyProduct(line) === 'nce') ?? lines?.[0];

/**
 * Returns the lines in an order that is independent of CMP's: known lines keep their places, new ones follow by their ids. A line
 * is matched if it is equal, otherwise by product and vendor's id, otherwise by product only, because CMP may add the vendor's id
 * later.
 */
export function inStableOrder(
  before: readonly SubscriptionLine[] | null,
  lines: readonly SubscriptionLine[],
): SubscriptionLine[] {
  const left = lines.toSorted((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1));
  const places: (SubscriptionLine | undefined)[] = (before ?? []).map(() => undefined);
  for (const same of [isDeepStrictEqual, sameLine, sameProduct])
    for (const [place, was] of (before ?? []).entries()) {
      const index = places[place] ? -1 : left.findIndex((line) => same(was, line));
      if (index >= 0) places[place] = left.splice(index, 1)[0];
    }
  return [...places.filter((line) => line !== undefined), ...left];
}

const sameProduct = (a: SubscriptionLine, b: SubscriptionLine): boolean => lineKey(a) === lineKey(b);
const sameLine = (a: SubscriptionLine, b: SubscriptionLine): boolean =>
  sameProduct(a, b) && a.vendorSubscriptionId === b.vendorSubscriptionId;

const placeOf = (line: SubscriptionLine): string =>
  JSON.stringify([lineKey(line), line.mpn, line.vendorSubscriptionId, line.seats, line.name]);

/** Lines with the lots of their seats. */
interface LinesWithLots {
  lines: SubscriptionLine[] | null;
  lots: SeatLot[];
}

/** The lots of every line, with its name where there are several. */
export const lotsByLine = (
  lines: readonly SubscriptionLine[],
  lotsOf: (line: SubscriptionLine) => SeatLot[],
): SeatLot[] =>
  lines.flatMap((line) =>
    lotsOf(line).map(({ seats, addedAt }) =>
      lines.length > 1 ? { seats, addedAt, line: lineKey(line) } : { seats, addedAt },
    ),
  );

/**
 * The lots of every line after a change of seats. Additional seats of a line count as added at `at`; a new line was added
 * then as a whole.
 * @param termStartedAt the age of seats without stored lots
 */
export const lotsAfterChange = (
  before: LinesWithLots,
  lines: readonly SubscriptionLine[],
  at: number,
  termStartedAt: number | null,
): SeatLot[] =>
  lotsByLine(lines, (line) => lotsAt(known(before, line, lines, termStartedAt ?? 0), line.seats, at));

function known(
  { lines, lots }: LinesWithLots,
  line: SubscriptionLine,
  after: readonly SubscriptionLine[],
  termStartedAt: number,
): SeatLot[] {
  const earlier = lines ?? [];
  // A single line remains the same line, whatever CMP calls its product.
  if (earlier.length <= 1 && after.length === 1) return lots;
  const was = earlier.find((one) => lineKey(one) === lineKey(line));
  if (!was) return [];
  const own = earlier.length > 1 ? lots.filter((lot) => lot.line === lineKey(was)) : lots;
  return totalSeats(own) === was.seats ? own : lotsAtRenewal(was.seats, termStartedAt);
}

/** An order that was proved by reading the subscription again. */
export interface SettledOrder {
  spec: OrderSpec;
  /** Milliseconds, UTC. */
  finishedAt: number;
  /** Null or absent when nothing had to be sent. */
  firstSentAt?: number | null;
}

/**
 * The subscription with the orders that have been settled since CMP was read for it, the oldest first. The mirror follows
 * within minutes; until then what was proved is truer than what was read before it.
 */
export const withSettled = (state: SubscriptionState, settled: readonly SettledOrder[]): SubscriptionState =>
  settled
    .filter(({ finishedAt }) => finishedAt > state.asOf)
    .reduce<SubscriptionState>((before, order) => apply(before, order), state);

function apply(state: SubscriptionState, { spec, finishedAt, firstSentAt }: SettledOrder): SubscriptionState {
  const read = { ...state, asOf: finishedAt };
  switch (spec.kind) {
    case 'cancel':
      return { ...read, status: 'terminated' };
    case 'renewal-setting':
      return { ...read, autoRenew: spec.autoRenew };
    case 'change-quantity': {
      const lines = (state.lines ?? []).map((line) =>
        isLine(line, spec.product) ? { ...line, seats: spec.seats } : line,
      );
      // Microsoft counts from when it carried the order out, which we see later: sending it is the safe side.
      const since = Math.min(firstSentAt ?? finishedAt, finishedAt);
      const lots =
        state.lots && lotsAfterChange({ ...state, lots: state.lots }, lines, since, state.termStartedAt);
      return { ...read, lines: state.lines && lines, lots };
    }
    case 'create':
      return state;
  }
}

const isLine = (line: SubscriptionLine, { vendor, mpn }: { vendor: string; mpn: string }): boolean =>
  line.mpn === mpn && line.vendor === vendor;

/** Seats of a subscription after an update, and the time at which CMP was read. */
interface SeatsSeen {
  after: number | undefined;
  asOf: number;
}

/** True if a settled order of ours caused the seats in the event; an order that was completed after CMP was read did not. */
export const changedByOrder = ({ spec, completedAt }: OrderRecord, { after, asOf }: SeatsSeen): boolean =>
  spec.kind === 'change-quantity' && completedAt !== null && completedAt <= asOf && after === spec.seats;

/** A subscription can only be billed under a contract of the account that it belongs to. */
export class ContractNotOfAccount extends DomainError {
  static override readonly code = 'subscription.contract-not-of-account';

  constructor(subscriptionId: string, billingContractId: string) {
    super(
      `Billing contract ${billingContractId} does not belong to the account of subscription ${subscriptionId}.`,
      {
        nextStep:
          'Use a billing contract of the tenant account that the provider account is linked to; a new one is known here within seconds.',
      },
    );
  }
}

/** The end of a subscription overtook its beginning. Thrown so that it is delivered again, after that. */
export class SubscriptionNotKnownYet extends DomainError {
  static override readonly code = 'subscription.not-known-yet';

  constructor(providerSubscriptionId: string) {
    super(
      `Subscription ${providerSubscriptionId} has ended, but the event of its appearance has not arrived yet.`,
      {
        nextStep: 'Wait: it is redelivered automatically; unpark it once the subscription is known.',
      },
    );
  }
}

/** No subscription of this tenant has this id. */
export class SubscriptionNotFound extends DomainError {
  static override readonly code = 'subscription.not-found';

  constructor(subscriptionId: string) {
    super(`There is no subscription ${subscriptionId}.`, {
      nextStep:
        'Use an id from GET /v1/subscriptions. One that CMP lists is there once its seats have been confirmed; to have them read now, start a sync run with its providerSubscriptionId.',
    });
  }
}
