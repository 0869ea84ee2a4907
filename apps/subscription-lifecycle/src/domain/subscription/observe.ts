import { isDeepStrictEqual } from 'node:util';
import { lotsAtRenewal, type SeatLot } from '../nce/seat-lots.ts';
import { inStableOrder } from './line-of.ts';
import { lotsAfterChange, lotsOfLines } from './lots-of-lines.ts';
import type { ProviderFacts, SubscriptionLine, SubscriptionState } from './subscription-record.ts';

/** News of a subscription: what CMP says, when it was read, and the mirror's version of it. */
export interface Observation extends ProviderFacts {
  providerVersion: number;
  asOf: number;
}

/** One fact that differs from before, for the history. */
export interface FactChange {
  fact: string;
  from: unknown;
  to: unknown;
}

export interface Observed {
  state: SubscriptionState;
  changes: FactChange[];
}

/**
 * A subscription after news of it, or nothing when the news is not newer than what is known. `changedAt` is given when
 * we know the moment of the change because it was an order of ours; otherwise the earliest it can have been is taken.
 */
export function observe(
  before: SubscriptionState | null,
  news: Observation,
  changedAt?: number,
): Observed | null {
  if (before && news.providerVersion <= before.providerVersion) return null;
  const { providerVersion, asOf, ...facts } = news;
  const lines = facts.lines ? inStableOrder(before?.lines ?? null, facts.lines) : (before?.lines ?? null);
  const termStartedAt = termStart(before, news);
  const lots = lotsAfter(before, { ...news, lines }, termStartedAt, changedAt);
  const linesAsOf = linesReadAt(before, { ...news, lines });
  const state = { ...facts, lines, termStartedAt, lots, providerVersion, asOf, linesAsOf };
  return { state, changes: before ? differences(before, state) : [] };
}

/** The term began at purchase, and again on the renewal date that has since been moved on. */
function termStart(
  before: SubscriptionState | null,
  { creationDate, renewalDate }: Observation,
): number | null {
  if (!before) return midnight(creationDate);
  const renewed = before.renewalDate !== null && renewalDate !== null && renewalDate > before.renewalDate;
  return renewed ? midnight(before.renewalDate) : (before.termStartedAt ?? midnight(creationDate));
}

function lotsAfter(
  before: SubscriptionState | null,
  { lines, asOf }: Observation,
  termStartedAt: number | null,
  changedAt: number | undefined,
): SeatLot[] | null {
  if (!lines || lines.length === 0) return before?.lots ?? null;
  if (before?.lots && before.termStartedAt === termStartedAt) {
    const { lots } = before;
    const since = Math.max(addedSince(before, lines, changedAt), termStartedAt ?? 0);
    return lotsAfterChange({ lines: before.lines, lots }, lines, since, termStartedAt);
  }
  if (termStartedAt === null) return null;
  // Seats added since the beginning of the term, seen by nobody, may be younger; as old as the term is the safe side.
  return lotsOfLines(lines, ({ seats }) => lotsAtRenewal(seats, Math.min(termStartedAt, asOf)));
}

/** An order of ours explains one line; of several, others may have changed before it. */
const addedSince = (
  before: SubscriptionState,
  lines: readonly SubscriptionLine[],
  changedAt: number | undefined,
): number => (lines.length === 1 ? changedAt : undefined) ?? seatsKnownAt(before);

/**
 * When CMP was surely read for the lines. News of a list repeats those read earlier, and may overtake the news of that
 * reading: only what differs from the version right before was read with this news.
 */
function linesReadAt(
  before: SubscriptionState | null,
  { lines, providerVersion, asOf }: Observation,
): number | null {
  if (before && isDeepStrictEqual(before.lines, lines)) return seatsKnownAt(before);
  const follows = providerVersion === (before?.providerVersion ?? 0) + 1;
  return follows ? asOf : (before?.asOf ?? null);
}

/** The last time that the seats are known to have been as they were; later ones may be as old as this. */
const seatsKnownAt = ({ linesAsOf, termStartedAt, asOf }: SubscriptionState): number =>
  linesAsOf ?? termStartedAt ?? asOf;

const facts = [
  'status',
  'autoRenew',
  'name',
  'renewalDate',
  'expirationDate',
  'billingPeriod',
  'term',
  'lines',
] as const;

const differences = (before: SubscriptionState, after: SubscriptionState): FactChange[] =>
  facts
    .filter((fact) => !isDeepStrictEqual(before[fact], after[fact]))
    .map((fact) => ({ fact, from: before[fact], to: after[fact] }));

const midnight = (day: string | null): number | null =>
  day === null ? null : Date.parse(`${day.slice(0, 10)}T00:00:00Z`);
