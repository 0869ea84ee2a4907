import {
  type BudgetRules,
  dayCap,
  dayMs,
  daySliceMs,
  isPaced,
  type Lane,
  lanes,
  sliceMs,
  windowCap,
} from './budget-rules.ts';
import { add, current, expiry, type Ledger, opensAt, total } from './ledger.ts';

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

/** Why a lane has to wait. */
export type HeldBackBy = 'closed' | 'day' | 'window' | 'pace' | 'lane-above';

interface Claim {
  granted: number;
  /** If nothing was granted: how long until it is worth trying again. */
  waitMs: number;
  heldBackBy?: HeldBackBy;
}

/** How early a paced call may go, to grant several in one round trip when the limit is high. The pace itself stays. */
const earlyMs = 50;
/** How long a lane without room holds back the lanes below; renewed while it waits. */
const wantMs = 1500;

/** Takes up to `count` calls from the ledger for a lane. Modifies the ledger: keep the result only if the store accepts it. */
export function claim(ledger: Ledger, lane: Lane, count: number, now: number, rules: BudgetRules): Claim {
  ledger.window = current(ledger.window, now, sliceMs, rules.windowMs);
  ledger.day = current(ledger.day, now, daySliceMs, dayMs);
  const first = obstacle(ledger, lane, now, rules);
  if (first) {
    if (!isPaced(lane)) ledger.wants[lane] = now + wantMs;
    return { granted: 0, waitMs: Math.max(1, first.until - now), heldBackBy: first.by };
  }
  let granted = 0;
  while (granted < count && (granted === 0 || !obstacle(ledger, lane, now, rules))) {
    take(ledger, lane, now, rules);
    granted++;
  }
  delete ledger.wants[lane];
  return { granted, waitMs: 0 };
}

function obstacle(
  ledger: Ledger,
  lane: Lane,
  now: number,
  rules: BudgetRules,
): { until: number; by: HeldBackBy } | undefined {
  if (ledger.closedUntil > now) return { until: ledger.closedUntil, by: 'closed' };
  const day =
    rules.perDay === null ? now : opensAt(ledger.day, dayCap(rules.perDay, lane), now, daySliceMs, dayMs);
  if (day > now) return { until: day, by: 'day' };
  const window = opensAt(ledger.window, roomFor(ledger, lane, rules), now, sliceMs, rules.windowMs);
  if (window > now) return { until: window, by: 'window' };
  const above = wantedAbove(ledger, lane, now);
  if (above > now) return { until: Math.min(above, now + 200), by: 'lane-above' };
  if (isPaced(lane) && ledger.pace > now + earlyMs) return { until: ledger.pace, by: 'pace' };
  return undefined;
}

function take(ledger: Ledger, lane: Lane, now: number, rules: BudgetRules): void {
  const limit = effectiveLimit(ledger, rules);
  const even = rules.windowMs / windowCap(limit, lane);
  if (isPaced(lane)) {
    // Higher demand is only evidence about the limit while pacing is what limits the calls.
    if (ledger.pace > now - 2 * even) raiseLimit(ledger, rules, now);
  }
  add(ledger.window, now, 1, sliceMs);
  add(ledger.day, now, 1, daySliceMs);
  if (!isPaced(lane)) return;
  const burst = (even * limit) / (keepsWindow(ledger, rules) ? 4 : 60);
  ledger.pace = Math.max(ledger.pace, now - burst) + Math.max(even, spread(ledger, lane, now, rules));
}

/**
 * The gap that makes the room left last until calls of the window expire. After a burst it is wider than an even
 * gap, so that a burst is paid back over the whole window and not by silence at its end.
 */
function spread(ledger: Ledger, lane: Lane, now: number, rules: BudgetRules): number {
  const cap = roomFor(ledger, lane, rules);
  if (cap === Infinity) return 0;
  let room = cap - total(ledger.window);
  let gap = 0;
  for (const entry of ledger.window) {
    gap = Math.max(gap, (expiry(entry, sliceMs, rules.windowMs) - now) / (Math.max(0, room) + 1));
    room += entry[1];
  }
  return gap;
}

const keepsWindow = ({ learned }: Ledger, rules: BudgetRules): boolean =>
  rules.perWindow !== null || learned.windowed;

/** How many calls the lane may have in the window. A limit that was learned as a rate is kept by pacing alone. */
function roomFor(ledger: Ledger, lane: Lane, rules: BudgetRules): number {
  if (!keepsWindow(ledger, rules)) return Infinity;
  const limit = ledger.learned.windowed ? effectiveLimit(ledger, rules) : rules.perWindow!;
  return Math.max(1, Math.floor(windowCap(limit, lane)));
}

function wantedAbove({ wants }: Ledger, lane: Lane, now: number): number {
  const above = lanes.slice(0, lanes.indexOf(lane));
  return Math.max(now, ...above.map((higher) => wants[higher] ?? 0));
}
