import { type Clock, systemClock } from '@isthmus/domain';
import { type CmpAssumptions, defaultAssumptions } from '../assumptions.ts';
import { budgetKey, type BudgetStore } from './budget-store.ts';
import {
  budgetRules,
  type BudgetRules,
  current,
  dayCap,
  dayMs,
  daySliceMs,
  effectiveLimit,
  expiry,
  type HeldBackBy,
  type Lane,
  lanes,
  type Ledger,
  obstacle,
  parseLedger,
  sliceMs,
  total,
} from './ledger.ts';

/** What is left for the calls of one lane. */
export interface LaneUsage {
  lane: Lane;
  /** Calls of a day after which this lane stops, so that those above it still have some; null if there is no daily limit. */
  perDay: number | null;
  /** Why a call in this lane would have to wait now; null if it would not. */
  heldBackBy: HeldBackBy | null;
  /** ISO time until which it would have to wait. */
  until: string | null;
}

/** How much of a subscription key's budget is used, by all processes together. */
export interface BudgetUsage {
  /** Calls per minute that we allow ourselves now: the limit if it is known, at most what was learned from refusals. */
  perMinute: number;
  perDay: number | null;
  usedLastMinute: number;
  /** In the last 24 hours, because it is unknown when CMP's day begins. */
  usedToday: number;
  /** Calls of the last 24 hours that CMP refused because of its limits. */
  refusedToday: number;
  /** ISO time until which CMP requested no calls, if it is in the future. */
  closedUntil: string | null;
  /** ISO time at which none of the calls counted now counts any more; null if there are none. */
  resetsAt: string | null;
  lanes: LaneUsage[];
}

interface ReadOptions {
  assumptions?: Partial<CmpAssumptions>;
  clock?: Clock;
}

/**
 * Looks at a budget without taking anything from it. The callers that wait are not known: each process has its own line, and only
 * calls that were granted are in the store. Rejects if the store does.
 */
export async function readBudget(
  subscriptionKey: string,
  store: BudgetStore,
  { assumptions, clock = systemClock }: ReadOptions = {},
): Promise<BudgetUsage> {
  const rules = budgetRules({ ...defaultAssumptions, ...assumptions });
  const ledger = parseLedger((await store.get(budgetKey(subscriptionKey)))?.value);
  return usageOf(ledger, rules, clock.now());
}

function usageOf(stored: Ledger, rules: BudgetRules, now: number): BudgetUsage {
  const day = current(stored.day, now, daySliceMs, dayMs);
  const window = current(stored.window, now, sliceMs, rules.windowMs);
  const ledger = { ...stored, day, window };
  const last = day.at(-1);
  return {
    perMinute: Math.floor(effectiveLimit(ledger, rules)),
    perDay: rules.perDay,
    usedLastMinute: total(current(window, now, sliceMs, 60_000)),
    usedToday: total(day),
    refusedToday: total(current(stored.refused ?? [], now, daySliceMs, dayMs)),
    closedUntil: ledger.closedUntil > now ? isoTime(ledger.closedUntil) : null,
    resetsAt: last ? isoTime(expiry(last, daySliceMs, dayMs)) : null,
    lanes: lanes.map((lane) => laneUsage(ledger, lane, now, rules)),
  };
}

function laneUsage(ledger: Ledger, lane: Lane, now: number, rules: BudgetRules): LaneUsage {
  const found = obstacle(ledger, lane, now, rules);
  return {
    lane,
    perDay: rules.perDay === null ? null : dayCap(rules.perDay, lane),
    heldBackBy: found?.by ?? null,
    until: found ? isoTime(found.until) : null,
  };
}

const isoTime = (ms: number): string => new Date(ms).toISOString();
