import { type Ledger, total } from './ledger.ts';
import { type BudgetRules, sliceMs } from './budget-rules.ts';

/** The first guess at an unknown limit: the one CloudBlue recommends to those who run CMP's gateway. */
const firstGuess = 60;
/** From 60 a window, 30 % a second reaches 6,000 in 18 s and overshoots by less than a third. */
const slowStartPerSecond = 1.3;
const returnPerSecond = 0.05;
const probePerSecond = 0.01;
/** A wait this long means that CMP counts per window: a rate limiter would request a second or two. */
const windowedFromMs = 5000;
const windowedProbeAfterMs = 600_000;

/** Calls per window that we allow ourselves now: what was learned, at most what is known. */
export function effectiveLimit({ learned }: Ledger, rules: BudgetRules): number {
  const guess = learned.limit ?? rules.perWindow ?? firstGuess;
  return Math.max(1, Math.min(guess, rules.perWindow ?? Infinity));
}

/** Increases the limit while it is what holds calls back: fast until the first refusal, then slowly around the last one. */
export function raiseLimit(ledger: Ledger, rules: BudgetRules, now: number): void {
  const { learned } = ledger;
  if (learned.limit === null && rules.perWindow !== null) return;
  const limit = effectiveLimit(ledger, rules);
  const seconds = Math.min(1000, Math.max(0, now - learned.grewAt)) / 1000;
  learned.grewAt = now;
  learned.limit = raisedLimit(limit, seconds, ledger, now);
  if (rules.perWindow !== null && learned.limit >= rules.perWindow) learned.limit = null;
}

function raisedLimit(limit: number, seconds: number, { learned }: Ledger, now: number): number {
  const { knee, windowed, cutAt } = learned;
  if (knee === null) return limit * slowStartPerSecond ** seconds;
  if (limit < knee * 0.95) return Math.min(knee * 0.95, limit + knee * returnPerSecond * seconds);
  // Finding the edge of a window costs up to a minute of silence, so it is sought rarely.
  if (windowed && now - cutAt < windowedProbeAfterMs) return limit;
  return limit + knee * probePerSecond * seconds;
}

/** CMP refused a call. Only the first refusal of a burst is evidence; the other calls were already in progress. */
export function reduceLimit(ledger: Ledger, rules: BudgetRules, now: number, retryAfterMs: number): void {
  const { learned } = ledger;
  if (now - learned.cutAt < 1000) return;
  const limit = effectiveLimit(ledger, rules);
  const windowed = retryAfterMs >= windowedFromMs;
  const used = windowed ? total(ledger.window) : recentRate(ledger, rules, now);
  learned.windowed = windowed;
  learned.knee = Math.max(1, Math.min(limit, used));
  learned.limit = Math.max(1, learned.knee * (windowed ? 0.9 : 0.8));
  learned.cutAt = now;
  learned.grewAt = now;
}

/** The rate of the last two seconds, per window. */
function recentRate({ window }: Ledger, { windowMs }: BudgetRules, now: number): number {
  const since = Math.floor((now - 2000) / sliceMs);
  const recent = window.filter(([slice]) => slice >= since);
  return (total(recent) / 2000) * windowMs;
}
