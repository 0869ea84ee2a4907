import type { CmpAssumptions } from '../assumptions.ts';

/** The priority when the call budget is short: orders before users, users before syncs, syncs before scrubs. */
export const lanes = ['order', 'interactive', 'sync', 'scrub'] as const;

export type Lane = (typeof lanes)[number];

/** The limits of a budget. */
export interface BudgetRules {
  /** Calls per window; null when unknown, which makes the budget find out. */
  perWindow: number | null;
  perDay: number | null;
  /** CMP's window and the margin for calls that do not take equally long. */
  windowMs: number;
  /** The longest time a caller in each lane waits before it has to retry later. */
  maxWaitMs: Record<Lane, number>;
}

export const budgetRules = (assumptions: CmpAssumptions): BudgetRules => ({
  perWindow: assumptions.callsPerMinute,
  perDay: assumptions.callsPerDay,
  windowMs: assumptions.limitWindowSeconds * 1000 + assumptions.limitWindowMarginMs,
  maxWaitMs: { order: 120_000, interactive: 30_000, sync: 600_000, scrub: 600_000 },
});

/** A quarter of a second keeps a minute in at most 244 slices and costs 0.2 % of the limit on average; see `stepOf`. */
export const sliceMs = 250;
export const daySliceMs = 900_000;
export const dayMs = 86_400_000;

/**
 * The calls that each lane leaves unused in the window and in the day for the lanes above it. That of a scrub's window holds while
 * these lanes are in use, and is a single call otherwise: see `roomFor`.
 */
const reserves: Record<Lane, { window: number; day: number }> = {
  order: { window: 0, day: 0 },
  interactive: { window: 0, day: 0.02 },
  sync: { window: 0.01, day: 0.1 },
  scrub: { window: 0.1, day: 0.4 },
};

/**
 * The number of calls of a limit that a lane may use. The window's reserve is at least one call, because otherwise an order would
 * wait for a slot.
 */
const windowCap = (limit: number, lane: Lane): number =>
  reserves[lane].window === 0 || limit < 3
    ? limit
    : limit - Math.max(1, Math.floor(limit * reserves[lane].window));

export const dayCap = (limit: number, lane: Lane): number => limit - Math.floor(limit * reserves[lane].day);

/** Orders and users are served immediately while the window has room; the lanes below are paced. */
export const isPaced = (lane: Lane): boolean => lane === 'sync' || lane === 'scrub';

/** The state shared by all processes with one subscription key. Times are milliseconds since the epoch. */
export interface Ledger {
  v: 1;
  /** Calls of the last window and of the last 24 hours. */
  window: Tally;
  day: Tally;
  /** No call before this time, because CMP requested it. */
  closedUntil: number;
  /** The next paced call may go at this moment. */
  pace: number;
  /** Until this time, a lane that found no capacity makes lower lanes wait. */
  wants: Partial<Record<Lane, number>>;
  learned: Learned;
  /** Calls of the last 24 hours that CMP refused because of its limits. Absent in a ledger of an earlier release. */
  refused?: Tally;
  /** When a lane above scrubs last made a call. Absent in a ledger of an earlier release. */
  aboveScrubAt?: number;
}

/** The results of observed throttling. */
interface Learned {
  /** Calls per window that seem to be allowed; null until anything was learned and the limit is known. */
  limit: number | null;
  /** The limit in use when CMP last rejected a call. */
  knee: number | null;
  /** CMP counts per window (it requested a long wait), so its window must be respected and not only its rate. */
  windowed: boolean;
  grewAt: number;
  cutAt: number;
}

export const freshLedger = (): Ledger => ({
  v: 1,
  window: [],
  day: [],
  closedUntil: 0,
  pace: 0,
  wants: {},
  learned: { limit: null, knee: null, windowed: false, grewAt: 0, cutAt: 0 },
});

/** An entry that is not one of our ledgers counts as empty: a budget must never block all calls permanently. */
export function parseLedger(text: string | undefined): Ledger {
  if (text === undefined) return freshLedger();
  try {
    const ledger = JSON.parse(text) as Ledger;
    return ledger.v === 1 ? ledger : freshLedger();
  } catch {
    return freshLedger();
  }
}

/**
 * Counts per slice of time, oldest first: `[slice number, count]`. Small enough to be stored with every claim. A slice whose number is
 * a fraction ends with its latest call, so that it does not count for longer than the window.
 */
type Tally = [slice: number, count: number][];

export const total = (tally: Tally): number => tally.reduce((sum, [, count]) => sum + count, 0);

/** Adds `count` at `at`; slices are `sliceMs` long and end at a multiple of `stepMs` that is not before `at`. Changes the tally. */
export function add(tally: Tally, at: number, count: number, sliceMs: number, stepMs = sliceMs): void {
  const slice = stepMs < sliceMs ? (Math.ceil(at / stepMs) * stepMs) / sliceMs - 1 : Math.floor(at / sliceMs);
  const last = tally.at(-1);
  // A clock that lags behind another process's counts into the newest slice: later is the safe side.
  if (last && last[0] >= slice) last[1] += count;
  else tally.push([slice, count]);
}

/** The time at which a slice stops counting: its end plus the window, so that no call in it is dropped early. */
export const expiry = ([slice]: [number, number], sliceMs: number, windowMs: number): number =>
  (slice + 1) * sliceMs + windowMs;

/** The slices that still count at `now`. */
export const current = (tally: Tally, now: number, sliceMs: number, windowMs: number): Tally =>
  tally.filter((entry) => expiry(entry, sliceMs, windowMs) > now);

/** The first moment at which fewer than `cap` count, given that nothing is added; `now` when that is so already. */
export function opensAt(tally: Tally, cap: number, now: number, sliceMs: number, windowMs: number): number {
  let left = total(tally);
  if (left < cap) return now;
  for (const entry of tally) {
    left -= entry[1];
    if (left < cap) return expiry(entry, sliceMs, windowMs);
  }
  return now + windowMs;
}

/** The initial value for an unknown limit: the one CloudBlue recommends to operators of CMP's gateway. */
const firstGuess = 60;
/** From 60 a window, 30 % a second reaches 6,000 in 18 s and overshoots by less than a third. */
const slowStartPerSecond = 1.3;
const returnPerSecond = 0.05;
const probePerSecond = 0.01;
/** A limit that is exceeded this far without a rejection was none: CMP, or we, had been slow when it was found. */
const kneeWrongFrom = 1.1;
/** A wait this long means that CMP counts per window: a rate limiter would request a second or two. */
const windowedFromMs = 5000;
const windowedProbeAfterMs = 600_000;

/** Calls per window that we allow ourselves now: what was learned, at most what is known. */
export function effectiveLimit({ learned }: Ledger, rules: BudgetRules): number {
  const guess = learned.limit ?? rules.perWindow ?? firstGuess;
  return Math.max(1, Math.min(guess, rules.perWindow ?? Infinity));
}

/** Increases the limit if it is the reason for delays: fast until the first rejection, then slowly around the last one. */
export function raiseLimit(ledger: Ledger, rules: BudgetRules, now: number): void {
  const { learned } = ledger;
  if (learned.limit === null && rules.perWindow !== null) return;
  const limit = effectiveLimit(ledger, rules);
  const seconds = Math.min(1000, Math.max(0, now - learned.grewAt)) / 1000;
  learned.grewAt = now;
  learned.limit = raisedLimit(limit, seconds, ledger, now);
  if (!learned.windowed && learned.knee !== null && learned.limit >= learned.knee * kneeWrongFrom)
    learned.knee = null;
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

/** CMP rejected a call. Only the first rejection of a burst is evidence; the other calls were already in progress. */
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

/** CMP refused a call because of its limits; unlike `reduceLimit`, every one counts. */
export function countRefusal(ledger: Ledger, now: number): void {
  ledger.refused = current(ledger.refused ?? [], now, daySliceMs, dayMs);
  add(ledger.refused, now, 1, daySliceMs);
}

/** The rate of the last two seconds, per window. */
function recentRate({ window }: Ledger, { windowMs }: BudgetRules, now: number): number {
  const since = now - 2000;
  const recent = window.filter(([slice]) => (slice + 1) * sliceMs > since);
  return (total(recent) / 2000) * windowMs;
}

/** The reason why a lane has to wait. */
export type HeldBackBy = 'closed' | 'day' | 'window' | 'pace' | 'lane-above';

interface Claim {
  granted: number;
  /** If nothing was granted: the time after which it is worth trying again. */
  waitMs: number;
  heldBackBy?: HeldBackBy;
}

/**
 * Paced calls may be granted this early, so that one round trip can grant several when the limit is high. The pace itself does
 * not change.
 */
const earlyMs = 50;
/** A lane without room makes the lanes below wait this long; renewed while it waits. */
const wantMs = 1500;

/** Takes up to `count` calls from the ledger for a lane. Modifies the ledger: use the result only if the store accepts it. */
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

/** Why a call in the lane could not go now, and until when; undefined if it could. */
export function obstacle(
  ledger: Ledger,
  lane: Lane,
  now: number,
  rules: BudgetRules,
): { until: number; by: HeldBackBy } | undefined {
  if (ledger.closedUntil > now) return { until: ledger.closedUntil, by: 'closed' };
  const day =
    rules.perDay === null ? now : opensAt(ledger.day, dayCap(rules.perDay, lane), now, daySliceMs, dayMs);
  if (day > now) return { until: day, by: 'day' };
  const window = opensAt(ledger.window, roomFor(ledger, lane, now, rules), now, sliceMs, rules.windowMs);
  if (window > now) return { until: window, by: 'window' };
  const above = wantedAbove(ledger, lane, now);
  if (above > now) return { until: Math.min(above, now + 200), by: 'lane-above' };
  if (isPaced(lane) && ledger.pace > now + earlyMs) return { until: ledger.pace, by: 'pace' };
  return undefined;
}

/** Up to this limit, a window has no more calls than slices: then each call has a slice of its own. */
const exactUpTo = 240;
const stepOf = (limit: number): number => (limit <= exactUpTo ? 1 : sliceMs);

function take(ledger: Ledger, lane: Lane, now: number, rules: BudgetRules): void {
  const limit = effectiveLimit(ledger, rules);
  const even = rules.windowMs / capOf(ledger, limit, lane, now, rules);
  if (isPaced(lane)) {
    // Higher demand is only evidence about the limit while pacing is what limits the calls.
    if (ledger.pace > now - 2 * even) raiseLimit(ledger, rules, now);
  }
  add(ledger.window, now, 1, sliceMs, stepOf(limit));
  add(ledger.day, now, 1, daySliceMs);
  if (lane !== 'scrub') ledger.aboveScrubAt = now;
  if (!isPaced(lane)) return;
  const burst = (even * limit) / (keepsWindow(ledger, rules) ? 4 : 60);
  ledger.pace = Math.max(ledger.pace, now - burst) + Math.max(even, spread(ledger, lane, now, rules));
}

/**
 * The gap that makes the room left last until calls of the window expire. After a burst it is wider than an even
 * gap, so that a burst is paid back over the whole window and not by silence at its end.
 */
function spread(ledger: Ledger, lane: Lane, now: number, rules: BudgetRules): number {
  const cap = roomFor(ledger, lane, now, rules);
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

/** The number of calls that the lane may have in the window. A limit that was learned as a rate is enforced by pacing alone. */
function roomFor(ledger: Ledger, lane: Lane, now: number, rules: BudgetRules): number {
  if (!keepsWindow(ledger, rules)) return Infinity;
  const limit = ledger.learned.windowed ? effectiveLimit(ledger, rules) : rules.perWindow!;
  return Math.max(1, Math.floor(capOf(ledger, limit, lane, now, rules)));
}

/** A call that nobody makes in a window is lost: while no lane above has made one, a scrub leaves no more than a sync does. */
function capOf({ aboveScrubAt }: Ledger, limit: number, lane: Lane, now: number, rules: BudgetRules): number {
  const isQuiet = now - (aboveScrubAt ?? 0) >= rules.windowMs;
  return windowCap(limit, lane === 'scrub' && isQuiet ? 'sync' : lane);
}

function wantedAbove({ wants }: Ledger, lane: Lane, now: number): number {
  const above = lanes.slice(0, lanes.indexOf(lane));
  return Math.max(now, ...above.map((higher) => wants[higher] ?? 0));
}
