import type { SeatReading, SubscriptionLine } from '../subscription.ts';
import { credible, type KnownOrder } from './terms.ts';
import { lineKey, lotsAt, lotsAtRenewal, type SeatLot, totalSeats } from './seat-lots.ts';

/** Stored readings; older ones have no window any more. */
const readingsKept = 40;

/** The readings after one more; an equal one adds nothing. */
export function withReading(
  readings: readonly SeatReading[],
  lines: readonly SubscriptionLine[] | null,
  at: number,
): SeatReading[] {
  if (!lines) return [...readings];
  const next = seatsByProduct(lines);
  const last = readings.at(-1);
  if (last && sameSeats(last.lines, next)) return [...readings];
  return [...readings, { at, lines: next }].slice(-readingsKept);
}

const sameSeats = (some: SeatReading['lines'], others: SeatReading['lines']): boolean =>
  byKey(some) === byKey(others);
const byKey = (lines: SeatReading['lines']): string =>
  JSON.stringify(lines.toSorted((a, b) => (a.key < b.key ? -1 : 1)));

const seatsByProduct = (lines: readonly SubscriptionLine[]): SeatReading['lines'] =>
  [...Map.groupBy(lines, lineKey)].map(([key, same]) => ({
    key,
    mpn: same[0]!.mpn,
    seats: total(same.map(({ seats }) => seats)),
  }));

/** Readings that still matter in a term: all of the term, and the last one before it. */
export function readingsSince(readings: readonly SeatReading[], termStartedAt: number | null): SeatReading[] {
  const first = readings.findLastIndex(({ at }) => at < (termStartedAt ?? 0));
  return readings.slice(Math.max(0, first));
}

interface ReplayedLots {
  lots: SeatLot[];
  /** Seats added by the last reading that no order explains: they count as old as the term. */
  unexplained: number;
}

/**
 * The lots of all lines, by what was read and what was ordered in the term. Replayed from the beginning each time, so that
 * it does not matter in which order readings and orders became known. Seats that no order explains are as old as the term.
 */
export function replayLots(
  all: readonly SeatReading[],
  orders: readonly KnownOrder[],
  termStartedAt: number,
): ReplayedLots {
  const [first, ...later] = withoutDips(readingsSince(all, termStartedAt), orders);
  if (!first) return { lots: [], unexplained: 0 };
  const play = (slow: readonly KnownOrder[]) => {
    const replay = new Replay(orders, termStartedAt);
    replay.begin(first, slow);
    let unexplained = 0;
    let last = first;
    for (const reading of later) {
      unexplained = replay.change(last, reading);
      last = reading;
    }
    const settled = replay.end(last);
    return {
      lots: { lots: replay.lots(last), unexplained },
      settled,
      usesSlow: slow.every((order) => replay.hasUsed(order)),
    };
  };
  // Orders seen to be done after the first reading may have been slow: then a later reading has their seats, or orders after
  // them have taken these back.
  const slow = orders.filter(({ createdAt, doneAt }) => createdAt <= first.at && doneAt > first.at);
  const quick = play([]);
  if (slow.length === 0 || (later.length === 0 && quick.settled)) return quick.lots;
  const other = play(slow);
  return other.usesSlow && (later.length > 0 || other.settled) ? other.lots : quick.lots;
}

/**
 * Without readings in between in which a line temporarily had fewer seats than the known orders explain: seats that reappear
 * were never gone, and leave no room for others.
 */
function withoutDips(readings: readonly SeatReading[], orders: readonly KnownOrder[]): SeatReading[] {
  const kept: SeatReading[] = [];
  for (const next of readings) {
    while (kept.length > 1 && isDip(kept.at(-2)!, kept.at(-1)!, next, orders)) kept.pop();
    if (kept.length === 0 || !sameSeats(kept.at(-1)!.lines, next.lines)) kept.push(next);
  }
  return kept;
}

const isDip = (
  before: SeatReading,
  low: SeatReading,
  next: SeatReading,
  orders: readonly KnownOrder[],
): boolean =>
  low.lines.some((line) => {
    const seatsAt = ({ lines }: SeatReading) => lines.find(({ key }) => key === line.key)?.seats ?? 0;
    if (line.seats >= seatsAt(before) || line.seats >= seatsAt(next)) return false;
    const taken = orders
      .filter(({ createdAt, doneAt }) => createdAt <= low.at && doneAt >= before.at)
      .flatMap(({ lines }) => lines.filter((one) => one.seats < 0 && isAbout(one, line)));
    return line.seats < seatsAt(before) + total(taken.map(({ seats }) => seats));
  });

const isAbout = (
  { mpn, cmpProductId }: KnownOrder['lines'][number],
  line: { key: string; mpn: string },
): boolean => (cmpProductId ?? mpn) === line.key || mpn === line.mpn;

/** The effect of an order on the seats of one line. */
interface Step {
  order: KnownOrder;
  seats: number;
}

class Replay {
  private readonly orders: KnownOrder[];
  private readonly used = new Set<KnownOrder>();
  private kept = new Map<string, SeatLot[]>();

  constructor(
    orders: readonly KnownOrder[],
    private readonly termStartedAt: number,
  ) {
    this.orders = credible(orders).filter(
      ({ type, createdAt, lines }) => type !== 'renewal' && createdAt > termStartedAt && lines.length > 0,
    );
  }

  /** The lots of a reading that nothing is known before. Orders since the beginning of the term may explain some seats. */
  begin({ at, lines }: SeatReading, slow: readonly KnownOrder[]): void {
    if (at < this.termStartedAt) {
      for (const { key, seats } of lines) this.kept.set(key, lotsAtRenewal(seats, this.termStartedAt));
      return;
    }
    const all = lines.map((line) => ({
      line,
      steps: this.steps(line, -Infinity, at).filter(({ order }) => !slow.includes(order)),
    }));
    for (const { line, steps } of all) {
      // At least one seat existed when the term began; otherwise these orders concern something else.
      const use = line.seats > sum(steps) ? steps : [];
      this.kept.set(line.key, this.apply(lotsAtRenewal(line.seats - sum(use), this.termStartedAt), use));
    }
    for (const { order } of all.flatMap(({ steps }) => steps)) this.used.add(order);
  }

  /** Or has nothing to do with the seats of this term. */
  hasUsed(order: KnownOrder): boolean {
    return this.used.has(order) || !this.orders.includes(order);
  }

  /** @returns seats that were added and are not explained */
  change(before: SeatReading, after: SeatReading): number {
    // A single line remains the same line, whatever CMP calls its product.
    const alone = before.lines.length === 1 && after.lines.length === 1;
    const renamed = alone && before.lines[0]!.key !== after.lines[0]!.key;
    const changes = after.lines.map((line) => {
      const was = alone ? before.lines[0] : before.lines.find(({ key }) => key === line.key);
      const more = line.seats - (was?.seats ?? 0);
      return { line, was, more, steps: this.steps(line, before.at, after.at), until: after.at };
    });
    // Seats that a line has lost without an order may be those that another one has gained: an upgrade.
    const lost = alone ? 0 : goneWith(before, after);
    let allowed = total(changes.map(({ more }) => more)) + total(changes.map(takenByOrder)) - lost;
    let unexplained = 0;
    const kept = new Map<string, SeatLot[]>();
    for (const { line, was, more, steps, until } of changes) {
      const fit = fitting(steps, more, until);
      const use = more > 0 && sum(fit) > allowed ? wholeSteps(fit, allowed) : fit;
      const rest = more > 0 ? more - sum(use) : 0;
      if (more > 0) allowed -= sum(use);
      unexplained += rest;
      const lots = was ? (this.kept.get(was.key) ?? []) : [];
      const now = this.apply([...lotsAtRenewal(rest, this.termStartedAt), ...lots], use);
      kept.set(line.key, lotsAt(now, line.seats, this.termStartedAt));
      // Orders that did not fit concerned something else, such as an upgrade.
      for (const { order } of renamed || rest > 0 ? steps : use) this.used.add(order);
    }
    this.kept = kept;
    return unexplained;
  }

  /**
   * Seats that were removed and added again since, with no net change, have nevertheless made some seats younger.
   * @returns whether no order is left over that must have changed what was read
   */
  end({ at, lines }: SeatReading): boolean {
    let settled = true;
    for (const line of lines) {
      const steps = this.steps(line, at, Infinity);
      const lots = this.apply(this.kept.get(line.key) ?? [], steps);
      const fits = sum(steps) === 0 && totalSeats(lots) === line.seats;
      settled &&= fits;
      if (!fits) continue;
      this.kept.set(line.key, lots);
      for (const { order } of steps) this.used.add(order);
    }
    return settled;
  }

  lots({ lines }: SeatReading): SeatLot[] {
    return lines.flatMap(({ key }) =>
      merged(this.kept.get(key) ?? []).map(({ seats, addedAt }) =>
        lines.length > 1 ? { seats, addedAt, line: key } : { seats, addedAt },
      ),
    );
  }

  /** Orders about a line, placed by `until`, that had not been seen to be done when CMP was read before. */
  private steps(line: { key: string; mpn: string }, since: number, until: number): Step[] {
    return this.orders
      .filter((order) => !this.used.has(order) && order.createdAt <= until && order.doneAt >= since)
      .flatMap((order) => {
        const adds = total(order.lines.map(({ seats }) => seats));
        // Seats that come and go in one order change their product: nothing is added.
        const mixed = order.lines.some(({ seats }) => Math.sign(seats) === -Math.sign(adds));
        if (mixed) return [];
        const own = order.lines.filter((one) => isAbout(one, line));
        return own.length > 0 ? [{ order, seats: total(own.map(({ seats }) => seats)) }] : [];
      });
  }

  private apply(lots: SeatLot[], steps: readonly Step[]): SeatLot[] {
    return steps.reduce(
      (left, { order, seats }) => lotsAt(left, Math.max(0, totalSeats(left) + seats), order.createdAt),
      lots,
    );
  }
}

/**
 * The steps that make up a change read at `until`: all of them, or the first of them, or the one that matches, or of those
 * that add seats as many as fit. Steps completed by then that removed seats are then included: they removed what others had
 * added.
 */
function fitting(steps: readonly Step[], change: number, until: number): Step[] {
  if (sum(steps) === change) return [...steps];
  // CMP carries them out one after the other.
  const first = steps.findIndex((_, last) => sum(steps.slice(0, last + 1)) === change);
  if (first >= 0) return steps.slice(0, first + 1);
  const done = steps.filter(({ order }) => order.doneAt <= until);
  if (change > 0 && done.some(({ seats }) => seats < 0) && sum(done) <= change) {
    const more = wholeSteps(
      steps.filter((step) => !done.includes(step)),
      change - sum(done),
    );
    return steps.filter((step) => done.includes(step) || more.includes(step));
  }
  const one = steps.find(({ seats }) => seats === change);
  return one ? [one] : wholeSteps(steps, change);
}

/** Steps that add no more seats than that, the oldest first. */
function wholeSteps(steps: readonly Step[], most: number): Step[] {
  let left = most;
  return steps.filter(({ seats }) => {
    if (seats <= 0 || seats > left) return false;
    left -= seats;
    return true;
  });
}

/** Seats of lines that no longer exist. */
const goneWith = (before: SeatReading, after: SeatReading): number =>
  total(
    before.lines.filter(({ key }) => !after.lines.some((line) => line.key === key)).map(({ seats }) => seats),
  );

/** Seats that a line has fewer by an order; these have not become seats of another line. */
const takenByOrder = ({
  more,
  steps,
  until,
}: {
  more: number;
  steps: readonly Step[];
  until: number;
}): number => (more < 0 && sum(fitting(steps, more, until)) === more ? -more : 0);

/** Seats added at the same moment are one lot. */
function merged(lots: readonly SeatLot[]): SeatLot[] {
  const moments = [...new Set(lots.map(({ addedAt }) => addedAt))].toSorted((a, b) => a - b);
  return moments.map((addedAt) => ({
    addedAt,
    seats: totalSeats(lots.filter((lot) => lot.addedAt === addedAt)),
  }));
}

const sum = (steps: readonly Step[]): number => total(steps.map(({ seats }) => seats));
const total = (values: readonly number[]): number => values.reduce((so, value) => so + value, 0);
