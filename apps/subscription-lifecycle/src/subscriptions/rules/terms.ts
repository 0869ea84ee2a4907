import type { Period } from '@isthmus/domain';
import type { OrderRecord } from '../../orders/order.ts';
import type { DateAhead, ProviderFacts, TermEvidence } from '../subscription.ts';

/** Seats of one product in an order. */
interface KnownOrderLine {
  mpn: string;
  cmpProductId?: string | undefined;
  /** Added, or removed if negative. */
  seats: number;
}

/**
 * An order that CMP has completed and that concerns a subscription, no matter who placed it: it explains that a term began
 * or that seats were added. Times are milliseconds, UTC.
 */
export interface KnownOrder {
  /** CMP's id, or ours while CMP's is not known. */
  id: string;
  /** CMP's order number, or the id; for display. */
  number: string;
  /** CMP's value; upgrades, term changes, transfers and migrations are excluded. */
  type: 'sales' | 'change' | 'renewal';
  /** Time at which the order was placed: windows count from then, to the minute. */
  createdAt: number;
  /** Time at which the order was seen to be completed: later readings of the subscription include its effect. */
  doneAt: number;
  /** Empty: nothing is known of seats that it adds. */
  lines: KnownOrderLine[];
}

/**
 * CMP's records of orders, and our confirmations of those whose record is unknown. An order counts as completed from when
 * either first showed it: whatever is read later includes its effect.
 */
export function knownTogether(told: readonly KnownOrder[], own: readonly KnownOrder[]): KnownOrder[] {
  const proofs = new Map(own.map((order) => [order.id, order]));
  const ids = new Set(told.map(({ id }) => id));
  return [
    ...told.map((order) => {
      const { doneAt = Infinity } = proofs.get(order.id) ?? {};
      return doneAt < order.doneAt ? { ...order, doneAt } : order;
    }),
    ...own.filter(({ id }) => !ids.has(id)),
  ];
}

/** Maximum difference by which CMP's clock may be ahead of ours. */
export const clockSkew = 5 * 60_000;

/** Orders with a time that can be right, the oldest first. One from the future explains nothing. */
export const credible = (orders: readonly KnownOrder[]): KnownOrder[] =>
  orders
    .filter(({ createdAt, doneAt }) => createdAt <= doneAt + clockSkew)
    .toSorted((a, b) => a.createdAt - b.createdAt || (a.id < b.id ? -1 : 1));

/** The order that made the subscription; later sales add to it. */
export function findPurchase(
  orders: readonly KnownOrder[],
  { createdAt, firstSeenAt }: { createdAt: number | null; firstSeenAt: number },
): KnownOrder | undefined {
  const latest = Math.min(createdAt === null ? Infinity : createdAt + 2 * day, firstSeenAt + clockSkew);
  return credible(orders).find((order) => order.type === 'sales' && order.createdAt <= latest);
}

/**
 * A confirmed order of ours, as an explanation until CMP's own record of it is known. CMP created it when it was sent or
 * later, so its window closes no earlier than we say. Null if no time is known.
 */
export function knownFromOwnOrder(record: OrderRecord): KnownOrder | null {
  const { spec, status, firstSentAt: createdAt, seatsBefore } = record;
  if (status !== 'settled' || createdAt === null) return null;
  const doneAt = Math.max(createdAt, record.completedAt ?? record.finishedAt ?? createdAt);
  const id = record.cmpOrderId ?? record.id;
  const of = { id, number: record.cmpOrderNumber ?? id, createdAt, doneAt };
  if (spec.kind === 'create') return { ...of, type: 'sales', lines: [] };
  if (spec.kind !== 'change-quantity' || spec.when === 'renewal' || seatsBefore === null) return null;
  const { mpn, cmpProductId } = spec.product;
  return { ...of, type: 'change', lines: [{ mpn, cmpProductId, seats: spec.seats - seatsBefore }] };
}

/**
 * The instant `count` periods after an anchor, in UTC. Months are counted from the anchor itself, so that a term that began
 * on the 31st returns to the 31st after a shorter month, and one that began on 29 February does so in the next leap year.
 */
export function periodsAfter(anchor: number, { type, duration }: Period, count: number): number {
  if (type === 'day') return anchor + count * duration * 86_400_000;
  const start = new Date(anchor);
  const months = start.getUTCMonth() + count * duration * (type === 'year' ? 12 : 1);
  const year = start.getUTCFullYear();
  const lastDay = new Date(Date.UTC(year, months + 1, 0)).getUTCDate();
  const midnight = Date.UTC(year, months, Math.min(start.getUTCDate(), lastDay));
  return midnight + (anchor - Date.UTC(year, start.getUTCMonth(), start.getUTCDate()));
}

/** The period around `now` in a row of them that begins at the anchor: `[from, until)`. */
export function periodAround(anchor: number, period: Period, now: number): { from: number; until: number } {
  const length = period.duration * { day: 1, month: 30.436875, year: 365.2425 }[period.type] * 86_400_000;
  let count = Math.max(0, Math.floor((now - anchor) / length) - 1);
  while (periodsAfter(anchor, period, count + 1) <= now) count += 1;
  return { from: periodsAfter(anchor, period, count), until: periodsAfter(anchor, period, count + 1) };
}

const day = 86_400_000;

/** The deviation of a date that time zones and months of different lengths can cause. */
const dayShift = 3 * day;

/** Dates kept, so that readings that never settle do not grow a subscription. */
const datesKept = 8;

/** Facts about the term after a reading. Dates in the future, or dates that nothing explains, change nothing. */
export function termEvidence(before: TermEvidence | null, event: ProviderFacts, asOf: number): TermEvidence {
  const firstSeenAt = before?.firstSeenAt ?? asOf;
  const created = midnight(event.creationDate);
  // A creation date after the first reading is wrong; of the plausible ones, the earliest is the safe one.
  const told = created !== null && created <= firstSeenAt ? created : null;
  const createdAt = least(before?.createdAt ?? null, told);
  const dates = before?.dates ?? [];
  const last = before?.renewedAt ?? null;
  const reached = dates.filter(
    ({ day: name }) => midnight(name)! <= asOf && midnight(name)! > (last ?? -Infinity),
  );
  const renewedAt = renewal(
    last,
    reached.map((date) => termBegunBy(date, event, asOf)),
  );
  const extendedSince = extended(before?.extendedSince ?? null, reached, event);
  return { firstSeenAt, createdAt, renewedAt, dates: withDate(dates, event, asOf), extendedSince };
}

/** The latest renewal. Of dates a few days apart, which are one renewal shown differently, the earliest counts. */
function renewal(before: number | null, found: readonly (number | null)[]): number | null {
  const last = greatest(...found);
  const earliest =
    last === null ? null : least(...found.filter((at) => at !== null && at >= last - dayShift));
  const another = earliest !== null && (before === null || earliest > before + dayShift);
  return another ? earliest : before;
}

/** A date counts as ahead until its day is over: CMP names no hour. */
function withDate(dates: readonly DateAhead[], event: ProviderFacts, asOf: number): DateAhead[] {
  const at = midnight(event.renewalDate);
  if (at === null || at + day <= asOf) return [...dates];
  const name = event.renewalDate!.slice(0, 10);
  const { term, autoRenew } = event;
  const readAt = dates.find((one) => one.day === name)?.readAt ?? asOf;
  return [...dates.filter((one) => one.day !== name), { day: name, term, autoRenew, readAt }].slice(
    -datesKept,
  );
}

/**
 * The time at which a term began because a renewal date was reached: only if CMP's current date is the end of a term that began
 * then, or of a later one. Anything else is a correction, an upgrade or a mistake. If both dates differ by days, the earlier
 * beginning counts.
 */
function termBegunBy(
  { day: name }: DateAhead,
  { renewalDate, term }: ProviderFacts,
  asOf: number,
): number | null {
  const next = midnight(renewalDate);
  const reached = midnight(name)!;
  if (next === null || next <= reached) return null;
  for (const period of lengths(term)) {
    for (let count = 0; ; count += 1) {
      const [from, until] = [periodsAfter(reached, period, count), periodsAfter(reached, period, count + 1)];
      if (from > asOf || from > next) break;
      if (Math.abs(until - next) <= tolerance(period)) return Math.min(from, periodsAfter(next, period, -1));
    }
  }
  return null;
}

const lengths = (term: Period | null): readonly Period[] => (term && isLength(term) ? [term] : usualTerms);

const usualTerms: readonly Period[] = [
  { type: 'month', duration: 1 },
  { type: 'year', duration: 1 },
  { type: 'year', duration: 3 },
];

/**
 * Microsoft continues a subscription month by month if it is neither renewed nor cancelled. CMP has no name for that state: the
 * subscription is still active and billed monthly after a renewal date was reached with auto-renew off, and it was not monthly
 * before.
 */
function extended(
  since: number | null,
  reached: readonly DateAhead[],
  { status, term, autoRenew }: ProviderFacts,
): number | null {
  if (!term || !isMonth(term)) return null;
  if (since !== null) return since;
  if (status !== 'active' || autoRenew) return null;
  const last = reached.at(-1);
  const committed = last?.term && !isMonth(last.term) && !last.autoRenew;
  return committed ? midnight(last.day) : null;
}

/**
 * The time at which the current term began: the latest one that an order or a reached date explains. The creation date counts
 * until the purchase is known, and a renewal date until the order of that renewal is known.
 */
export function termStart(evidence: TermEvidence, orders: readonly KnownOrder[]): number | null {
  const purchase = findPurchase(orders, evidence);
  const boughtAt = purchase?.createdAt ?? evidence.createdAt;
  const renewals = renewalsBy(orders, evidence, boughtAt);
  const { renewedAt } = evidence;
  const timed = renewals.some((at) => renewedAt !== null && Math.abs(at - renewedAt) < 2 * day);
  return greatest(boughtAt, timed ? null : renewedAt, ...renewals);
}

/**
 * The times at which renewal orders began a term: orders whose term ends on a renewal date that was read, or that were placed
 * while the renewal date moved on by a term. If there are several, the first counts, because a term is renewed once.
 */
function renewalsBy(
  orders: readonly KnownOrder[],
  { dates }: TermEvidence,
  boughtAt: number | null,
): number[] {
  const placed = credible(orders).flatMap(({ type, createdAt }) => (type === 'renewal' ? [createdAt] : []));
  return dates.flatMap((date) => {
    const ends = midnight(date.day)!;
    return lengths(date.term).flatMap((period) => {
      const endOf = (from: number) => periodsAfter(from, period, 1);
      const inTime = placed.find(
        (at) =>
          Math.abs(endOf(at) - ends) < 2 * day &&
          (boughtAt === null || 2 * (at - boughtAt) > endOf(boughtAt) - boughtAt),
      );
      const moved = dates.filter(
        (before) => Math.abs(endOf(midnight(before.day)!) - ends) <= tolerance(period),
      );
      const meanwhile = moved.map(({ readAt }) =>
        placed.find((at) => at >= readAt && at <= date.readAt + clockSkew),
      );
      return [inTime, ...meanwhile].filter((at) => at !== undefined);
    });
  });
}

const tolerance = (period: Period): number => Math.min(dayShift, periodsAfter(0, period, 1) / 4);

/** Midnight UTC of a day; null if the text is not a day. */
export function midnight(text: string | null): number | null {
  const at = text === null ? NaN : Date.parse(`${text.slice(0, 10)}T00:00:00Z`);
  return Number.isNaN(at) ? null : at;
}

const isLength = ({ duration }: Period): boolean => Number.isInteger(duration) && duration > 0;
const isMonth = ({ type, duration }: Period): boolean => type === 'month' && duration === 1;

const known = (values: readonly (number | null)[]) => values.filter((value) => value !== null);
const least = (...values: (number | null)[]): number | null =>
  known(values).length > 0 ? Math.min(...known(values)) : null;
const greatest = (...values: (number | null)[]): number | null =>
  known(values).length > 0 ? Math.max(...known(values)) : null;
