import type { CmpAssumptions } from '../assumptions.ts';

/** What a budget keeps to. */
export interface BudgetRules {
  /** Calls per window; null when unknown, which makes the budget find out. */
  perWindow: number | null;
  perDay: number | null;
  /** CMP's window and the margin for calls that do not take equally long. */
  windowMs: number;
  /** The longest time a caller in each lane waits before it has to retry later. */
  longestWaitMs: Record<Lane, number>;
}

export const budgetRules = (assumptions: CmpAssumptions): BudgetRules => ({
  perWindow: assumptions.callsPerMinute,
  perDay: assumptions.callsPerDay,
  windowMs: assumptions.limitWindowSeconds * 1000 + assumptions.limitWindowMarginMs,
  longestWaitMs: { order: 120_000, interactive: 30_000, sync: 600_000, scrub: 600_000 },
});

/** A quarter of a second keeps a minute in at most 244 slices and costs 0.2 % of the limit on average. */
export const sliceMs = 250;
export const daySliceMs = 900_000;
export const dayMs = 86_400_000;

/** What each lane leaves unused in the window and in the day for the lanes above it. */
const reserves: Record<Lane, { window: number; day: number }> = {
  order: { window: 0, day: 0 },
  interactive: { window: 0, day: 0.02 },
  sync: { window: 0.01, day: 0.1 },
  scrub: { window: 0.1, day: 0.4 },
};

/** How many calls of a limit a lane may use. The window's reserve is at least one call, or an order would wait for a slot. */
export const windowCap = (limit: number, lane: Lane): number =>
  reserves[lane].window === 0 || limit < 3
    ? limit
    : limit - Math.max(1, Math.floor(limit * reserves[lane].window));

export const dayCap = (limit: number, lane: Lane): number => limit - Math.floor(limit * reserves[lane].day);

/** Orders and people go at once while the window has room; the lanes below are paced. */
export const isPaced = (lane: Lane): boolean => lane === 'sync' || lane === 'scrub';

/** The priority when the call budget is short: an order before a person, a person before a sync, a sync before a scrub. */
export const lanes = ['order', 'interactive', 'sync', 'scrub'] as const;

export type Lane = (typeof lanes)[number];
