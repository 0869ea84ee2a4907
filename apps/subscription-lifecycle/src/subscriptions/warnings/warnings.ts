import { RenewalAnnouncedV1, WindowClosingAnnouncedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';
import { classifyProduct } from '../rules/product-line.ts';
import { lineKey, type SeatLot, totalSeats, windowCloses } from '../rules/seat-lots.ts';
import type { SubscriptionRow } from '../subscription.entity.ts';
import { isExtended, type SubscriptionState } from '../subscription.ts';

const hour = 3_600_000;
const day = 24 * hour;

/** The times before an event at which users are warned, in any order. */
export interface WarningRules {
  windowHours: readonly number[];
  renewalDays: readonly number[];
}

/** The input of warnings. */
export interface Watched {
  /** The status as reported by CMP. */
  status: string;
  /** `YYYY-MM-DD`; CMP names no hour, midnight UTC is taken. */
  renewalDate: string | null;
  lots: readonly SeatLot[] | null;
  /** True if it continues month by month (extended service term): there are no windows. */
  extended?: boolean;
  /** Product lines; null while CMP's detail was not read. */
  lines: readonly { mpn: string; cmpProductId?: string }[] | null;
}

/** A warning, once per subscription, line, `about` and `ahead`. Instants are milliseconds, UTC. */
export type Warning =
  /** `seats` of a line can be taken back until `about`, `ahead` hours or less from now. */
  | {
      kind: 'window-closing-announced';
      about: number;
      ahead: number;
      seats: number;
      mpn: string;
      line: string;
    }
  /** The term ends at `about`, `ahead` days or less from now. */
  | { kind: 'renewal-announced'; about: number; ahead: number };

interface Outlook {
  /** Warnings that are due: of each moment only the nearest threshold. */
  due: Warning[];
  /** Time at which the due warnings change next without an event; null if they never do. */
  checkAt: number | null;
}

/** The warnings of a subscription at `now`. Pure. */
export function outlook(watched: Watched, rules: WarningRules, now: number): Outlook {
  if (watched.status !== 'active') return { due: [], checkAt: null };
  const due: Warning[] = [];
  const checks: number[] = [];
  for (const closing of closings(watched)) {
    const ahead = nearest(closing.about, rules.windowHours, hour, now, checks);
    if (ahead !== null) due.push({ kind: 'window-closing-announced', ahead, ...closing });
  }
  const renewsAt = watched.renewalDate === null ? null : Date.parse(`${watched.renewalDate}T00:00:00Z`);
  const ahead = renewsAt === null ? null : nearest(renewsAt, rules.renewalDays, day, now, checks);
  if (renewsAt !== null && ahead !== null) due.push({ kind: 'renewal-announced', about: renewsAt, ahead });
  return { due, checkAt: checks.length > 0 ? Math.min(...checks) : null };
}

interface Closing {
  about: number;
  seats: number;
  mpn: string;
  line: string;
}

/** The moments at which seats of a line stop being reducible. Only new commerce has windows. */
function closings({ lots, lines, extended = false }: Watched): Closing[] {
  if (extended) return [];
  return (lines ?? []).flatMap((line, index) => {
    if (classifyProduct(line) !== 'nce') return [];
    const key = lineKey(line);
    // Lots without a line belong to the only line; older records kept lots for the first line only.
    const own = (lots ?? []).filter((lot) => (lot.line === undefined ? index === 0 : lot.line === key));
    const moments = new Set(own.map(({ addedAt }) => windowCloses(addedAt)));
    return [...moments].map((about) => ({
      ...{ about, mpn: line.mpn, line: key },
      seats: totalSeats(own.filter(({ addedAt }) => windowCloses(addedAt) === about)),
    }));
  });
}

/** The smallest threshold that has been reached before a future time; records when the next one will be. */
function nearest(
  at: number,
  thresholds: readonly number[],
  unit: number,
  now: number,
  checks: number[],
): number | null {
  if (at <= now) return null;
  const reached = thresholds.filter((threshold) => at - threshold * unit <= now);
  const next = thresholds.map((threshold) => at - threshold * unit).filter((instant) => instant > now);
  if (next.length > 0) checks.push(Math.min(...next));
  return reached.length > 0 ? Math.min(...reached) : null;
}

/** A subscription that is checked, and whether a change of it is scheduled. */
export type WatchedRow = SubscriptionRow & { changesScheduled: boolean };

/** Builds the event of a warning. */
export function warningEvent(row: WatchedRow, warning: Warning): NewEvent {
  const { id, tenantId, version, connectorId, cmpSubscriptionId, cmpAccountId, name, state } = row;
  const meta = { tenantId, aggregateId: id, version };
  const of = { connectorId, subscriptionId: id, cmpSubscriptionId, cmpAccountId, name };
  if (warning.kind === 'window-closing-announced') {
    const closesAt = new Date(warning.about).toISOString();
    return event(
      WindowClosingAnnouncedV1,
      { ...of, mpn: warning.mpn, seats: warning.seats, closesAt, hoursAhead: warning.ahead },
      meta,
    );
  }
  const renewal: RenewalAnnouncedV1 = {
    ...of,
    renewalDate: new Date(warning.about).toISOString().slice(0, 10),
    daysAhead: warning.ahead,
    autoRenew: state.autoRenew,
    outcome: renewalOutcome(state),
    seats: state.lines?.reduce((sum, { seats }) => sum + seats, 0),
    changesScheduled: row.changesScheduled,
    billingContractId: row.billingContractId ?? undefined,
  };
  return event(RenewalAnnouncedV1, renewal, meta);
}

/** Describes what happens at the renewal date if nothing is done. */
function renewalOutcome(state: SubscriptionState): RenewalAnnouncedV1['outcome'] {
  if (isExtended(state)) return 'extended-term';
  if (state.autoRenew) return 'renews';
  const nce = (state.lines ?? []).some((line) => classifyProduct(line) === 'nce');
  return nce ? 'ends-or-extended-term' : 'ends';
}
