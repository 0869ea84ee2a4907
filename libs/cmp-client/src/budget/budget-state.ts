import type { Lane } from '../lane.ts';
import { dayMs, daySliceMs, sliceMs, type BudgetRules } from './budget-rules.ts';
import type { HeldBackBy } from './claim.ts';
import { effectiveLimit } from './learn.ts';
import type { Ledger } from './ledger.ts';
import { current, total } from './tally.ts';

/** Where a budget stands, for progress displays. */
export interface BudgetState {
  /** Calls per minute we allow ourselves now; null when unlimited. */
  limit: number | null;
  usedLastMinute: number;
  /** In the last 24 hours, since nobody knows when CMP's day begins. */
  usedToday: number;
  dailyLimit: number | null;
  /** ISO time until which CMP asked for silence, if it lies ahead. */
  closedUntil: string | null;
  /** What the callers that wait are waiting for. */
  heldBackBy: HeldBackBy | null;
  waiting: Record<Lane, number>;
}

export function budgetState(
  ledger: Ledger | undefined,
  rules: BudgetRules,
  now: number,
  waiting: Record<Lane, number>,
  heldBackBy: HeldBackBy | undefined,
): BudgetState {
  if (!ledger) {
    const unused = { limit: null, usedLastMinute: 0, usedToday: 0, dailyLimit: null };
    return { ...unused, closedUntil: null, heldBackBy: null, waiting };
  }
  return {
    limit: Math.floor(effectiveLimit(ledger, rules)),
    usedLastMinute: total(current(ledger.window, now, sliceMs, 60_000)),
    usedToday: total(current(ledger.day, now, daySliceMs, dayMs)),
    dailyLimit: rules.perDay,
    closedUntil: ledger.closedUntil > now ? new Date(ledger.closedUntil).toISOString() : null,
    heldBackBy: heldBackBy ?? null,
    waiting,
  };
}
