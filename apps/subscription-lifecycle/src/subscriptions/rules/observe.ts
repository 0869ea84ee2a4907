import { isDeepStrictEqual } from 'node:util';
import type { ProviderSubscriptionChangedV1, SubscriptionTermV1 } from '@isthmus/contracts';
import { Money, Period } from '@isthmus/domain';
import {
  inStableOrder,
  isEnded,
  type ProviderFacts,
  type SeatReading,
  type SubscriptionLine,
  SubscriptionNotKnownYet,
  type SubscriptionState,
  type TermEvidence,
} from '../subscription.ts';
import { type KnownOrder, midnight, termEvidence, termStart } from './terms.ts';
import type { SeatLot } from './seat-lots.ts';
import { readingsSince, replayLots, withReading } from './seat-readings.ts';

/** An update of a subscription: its facts at CMP, when they were read, and the mirror's version of them. */
export interface Observation extends ProviderFacts {
  providerVersion: number;
  asOf: number;
}

/** A fact that has changed, for the history. */
export interface FactChange {
  fact: string;
  from: unknown;
  to: unknown;
  /** The consequence, or why there is none. */
  note?: string;
}

interface Observed {
  state: SubscriptionState;
  changes: FactChange[];
}

/**
 * A subscription after an update, or undefined if the update is not newer than what is known. Windows open only because of
 * an order or a renewal date that has been reached; whatever else CMP reports about dates and seats does not change them.
 * @param orders all known orders of the subscription, including those of earlier terms
 */
export function observe(
  before: SubscriptionState | null,
  event: Observation,
  orders: readonly KnownOrder[] = [],
): Observed | null {
  if (before && event.providerVersion <= before.providerVersion) return null;
  const { providerVersion, asOf, ...facts } = event;
  const lines = linesAfter(before, facts);
  const known = before && remembered(before);
  const evidence = termEvidence(known?.evidence ?? null, event, asOf);
  const readings = withReading(known?.readings ?? [], lines, asOf);
  const { unexplained, ...worked } = workOut(evidence, readings, orders);
  const state = { ...facts, lines, providerVersion, asOf, evidence, ...worked };
  if (!before) return { state, changes: [] };
  return {
    state,
    changes: differences(before, state).map((change) => noted(change, before, state, unexplained)),
  };
}

/** Lines of a subscription after an update. If a live subscription is reported without lines, the known lines are kept. */
function linesAfter(
  before: SubscriptionState | null,
  { status, lines }: ProviderFacts,
): SubscriptionLine[] | null {
  const known = before?.lines ?? null;
  if (!lines || (lines.length === 0 && known && !isEnded(status))) return known;
  return inStableOrder(known, lines);
}

/**
 * A subscription after orders about it became known, or undefined if they change neither its term nor its lots.
 * @param orders all that are known of it
 */
export function explain(before: SubscriptionState, orders: readonly KnownOrder[]): Observed | null {
  const { evidence, readings } = remembered(before);
  const { unexplained: _, ...worked } = workOut(evidence, readings, orders);
  const { termStartedAt, lots } = worked;
  const changes: FactChange[] = [];
  if (termStartedAt !== before.termStartedAt)
    changes.push({
      fact: 'termStartedAt',
      from: print(before.termStartedAt),
      to: print(termStartedAt),
      note: explainedBy(orders, termStartedAt),
    });
  if (!isDeepStrictEqual(lots, before.lots))
    changes.push({ fact: 'seatLots', from: printLots(before.lots), to: printLots(lots) });
  return changes.length > 0 ? { state: { ...before, evidence, ...worked }, changes } : null;
}

function workOut(evidence: TermEvidence, all: readonly SeatReading[], orders: readonly KnownOrder[]) {
  const termStartedAt = termStart(evidence, orders);
  const readings = readingsSince(all, termStartedAt);
  if (termStartedAt === null || all.length === 0)
    return { termStartedAt, readings, lots: null, unexplained: 0 };
  const { lots, unexplained } = replayLots(all, orders, termStartedAt);
  return { termStartedAt, readings, lots, unexplained };
}

/** The stored value, or one derived for subscriptions that were stored before it existed. */
function remembered({ evidence, readings, ...before }: SubscriptionState) {
  const { asOf, lines, termStartedAt } = before;
  const first = termEvidence(null, before, asOf);
  const renewedAt =
    termStartedAt !== null && termStartedAt <= asOf && termStartedAt > (first.createdAt ?? 0)
      ? termStartedAt
      : null;
  return {
    evidence: evidence ?? { ...first, renewedAt },
    readings: readings ?? withReading([], lines, asOf),
  };
}

/** The change with its consequence, where people might expect a different one. */
function noted(
  change: FactChange,
  before: SubscriptionState,
  after: SubscriptionState,
  unexplained: number,
): FactChange {
  const { fact } = change;
  if (fact === 'lines' && unexplained > 0)
    return {
      ...change,
      note: `No known order added ${unexplained} of the seats: they count as being as old as the term and open no window.`,
    };
  if (fact === 'creationDate' && after.termStartedAt === before.termStartedAt)
    return { ...change, note: 'A subscription is created only once: its term and windows are not changed.' };
  if (fact === 'renewalDate') return { ...change, note: renewalNote(before, after) };
  if (fact === 'term' && after.evidence?.extendedSince)
    return {
      ...change,
      note: `It has continued month by month since ${print(after.evidence.extendedSince)} (extended service term): it can be cancelled and decreased any day.`,
    };
  return change;
}

function renewalNote(before: SubscriptionState, after: SubscriptionState): string {
  if (after.termStartedAt !== null && after.termStartedAt !== before.termStartedAt)
    return `A term began ${print(after.termStartedAt)}.`;
  const day = midnight(before.renewalDate);
  const why =
    day === null || day > after.asOf
      ? `${before.renewalDate ?? 'no renewal date'} has not been reached`
      : `the new date does not match a term that began on ${before.renewalDate}`;
  return `No term began: ${why}, and no renewal order is known. The windows are not changed.`;
}

function explainedBy(orders: readonly KnownOrder[], termStartedAt: number | null): string | undefined {
  const order = orders.find(({ createdAt }) => createdAt === termStartedAt);
  return order && `Order ${order.number} (${order.type}) was placed then.`;
}

const facts = [
  'status',
  'autoRenew',
  'name',
  'creationDate',
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

const print = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());

const printLots = (lots: readonly SeatLot[] | null) =>
  lots && lots.map(({ addedAt, ...lot }) => ({ ...lot, addedAt: print(addedAt) }));

/** The status with which a subscription ends: CMP's last one if CMP ended it, otherwise our reason. */
export function endStatus({ status, reason }: { status: string; reason: string }): string {
  return reason === 'no-longer-listed' || reason === 'connector-removed' ? reason : status;
}

/** The final update of a subscription. */
interface EndObservation {
  status: string;
  providerVersion: number;
  asOf: number;
}

/**
 * A subscription after its end, or undefined if the update is not newer than what is known.
 *
 * @throws SubscriptionNotKnownYet if it is not known yet. Ignoring that would be wrong: the event of its appearance may
 * still arrive, and would then come last.
 */
export function observeEnd(
  id: string,
  before: SubscriptionState | null,
  { status, providerVersion, asOf }: EndObservation,
): SubscriptionState | null {
  if (!before) throw new SubscriptionNotKnownYet(id);
  if (providerVersion <= before.providerVersion) return null;
  return { ...before, status, providerVersion, asOf };
}

/** Converts an event of account-sync. */
export function toObservation(event: ProviderSubscriptionChangedV1, providerVersion: number): Observation {
  const day = (text: string | undefined) => text?.slice(0, 10) ?? null;
  return {
    name: event.name,
    status: event.status,
    autoRenew: event.autoRenew,
    creationDate: day(event.creationDate),
    renewalDate: day(event.renewalDate),
    expirationDate: day(event.expirationDate),
    billingPeriod: toPeriod(event.billingPeriod),
    term: toPeriod(event.term),
    // A quantity that is not a whole number counts as unknown, because nothing can be calculated with it.
    lines:
      event.quantityKnown && event.lines.every(({ quantity }) => Number.isSafeInteger(quantity))
        ? event.lines.map(
            ({ productId, quantity, unitPrice, unitCost, vendorSubscriptionId, mpn, vendor, name }) => ({
              vendor,
              mpn,
              name,
              cmpProductId: productId,
              seats: quantity,
              unitPrice: unitPrice ? Money.of(unitPrice.amount, unitPrice.currency) : null,
              unitCost: unitCost ? Money.of(unitCost.amount, unitCost.currency) : null,
              vendorSubscriptionId: vendorSubscriptionId ?? null,
            }),
          )
        : null,
    providerVersion,
    asOf: Date.parse(event.asOf),
  };
}

/** CMP also has statement days, zero lengths and values of its own; those are not periods for us. */
const toPeriod = (term: SubscriptionTermV1 | undefined): Period | null =>
  (term && Period.of(term.type, term.duration)) ?? null;
