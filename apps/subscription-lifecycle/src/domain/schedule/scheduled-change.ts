import type { OrderKind } from '../order/order-ask.ts';
import { IllegalScheduleAction, NotSchedulable } from './scheduled-change.errors.ts';
import { scheduledAfter, type ScheduledAction, type ScheduledStatus } from './schedule-lifecycle.ts';

export const scheduledKinds = [
  'change-quantity',
  'cancel',
  'renewal-setting',
] as const satisfies readonly OrderKind[];
export type ScheduledKind = (typeof scheduledKinds)[number];

/** An instant (milliseconds, UTC), or the renewal, whenever that is. */
export type ScheduledFor = number | 'renewal';

/** What is to be changed, and when. */
export interface PlannedChange {
  kind: ScheduledKind;
  /** The new total; of a change of quantity. */
  seats: number | null;
  /** Of a renewal setting. */
  autoRenew: boolean | null;
  /** The line, where the subscription has several. */
  mpn: string | null;
  at: ScheduledFor;
}

/** What is ordered for it: the fields of an order command. */
export interface MeantChange {
  kind: ScheduledKind;
  seats?: number;
  autoRenew?: boolean;
  mpn?: string;
  when?: 'now' | 'renewal';
}

/**
 * The order that carries a change out, placed when its time has come. One for the renewal is placed at once and kept by
 * CMP until then. CMP cannot keep a cancellation: not renewing is the same, and is set at once.
 */
export function orderFor({ kind, seats, autoRenew, mpn, at }: PlannedChange): MeantChange {
  const later = at === 'renewal';
  if (kind === 'change-quantity')
    return {
      kind,
      seats: seats ?? 0,
      when: later ? 'renewal' : 'now',
      ...(mpn === null ? {} : { mpn }),
    };
  if (kind === 'cancel') return later ? { kind: 'renewal-setting', autoRenew: false } : { kind };
  return { kind, autoRenew: autoRenew ?? false };
}

/** For people, what happens and when, where it is not what the words of the change say. */
export function meaningOf({ kind, at }: Pick<PlannedChange, 'kind' | 'at'>): string | null {
  if (at !== 'renewal') return null;
  return kind === 'cancel'
    ? 'CMP cannot schedule a cancellation: auto-renew is switched off at once, and the subscription ends with its term.'
    : 'It is ordered at once, and CMP keeps it until the renewal.';
}

const furthest = 10 * 366 * 86_400_000;

/**
 * Refuses a time that cannot be meant.
 * @throws NotSchedulable
 */
export function requireTime({ kind, at }: Pick<PlannedChange, 'kind' | 'at'>, now: number): void {
  if (at === 'renewal' && kind === 'renewal-setting')
    throw new NotSchedulable(
      'setting-at-renewal',
      'A renewal setting decides about the renewal, so that it has to be made before.',
      'Name an instant before the renewal, or order the setting now.',
    );
  if (at !== 'renewal' && at <= now)
    throw new NotSchedulable(
      'in-the-past',
      `${new Date(at).toISOString()} has passed.`,
      'Name an instant that is still to come, or place an order for now.',
    );
  if (at !== 'renewal' && at > now + furthest)
    throw new NotSchedulable(
      'too-far-ahead',
      `${new Date(at).toISOString()} is more than ten years ahead.`,
      'Name an instant within ten years.',
    );
}

/**
 * The status after an action.
 * @throws IllegalScheduleAction
 */
export function requireAction(
  { id, status }: { id: string; status: ScheduledStatus },
  action: ScheduledAction,
): ScheduledStatus {
  const next = scheduledAfter(status, action);
  if (!next) throw new IllegalScheduleAction(id, status, action);
  return next;
}
