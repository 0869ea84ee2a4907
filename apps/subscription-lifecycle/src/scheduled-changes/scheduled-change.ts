import { DomainError } from '@isthmus/domain';
import type { OrderStatus } from '../orders/order-lifecycle.ts';
import { OrderRefused } from '../orders/order.errors.ts';
import {
  type OrderKind,
  type OrderReason,
  type OrderRecord,
  type OrderSpec,
  reason,
} from '../orders/order.ts';
import { specForChange } from '../orders/resolving/order-command.ts';
import type { ChangeRules } from '../subscriptions/rules/options.ts';
import type { SubscriptionRow } from '../subscriptions/subscription.entity.ts';

export const scheduledStatuses = [
  'proposed',
  'planned',
  'ordered',
  'done',
  'failed',
  'cancelled',
  'wiped',
] as const;
export type ScheduledStatus = (typeof scheduledStatuses)[number];

export const scheduledActions = [
  'confirm',
  'edit',
  'order',
  'finish',
  'fail',
  'cancel',
  'wipe',
  'reopen',
] as const;
export type ScheduledAction = (typeof scheduledActions)[number];

/**
 * The life cycle of a scheduled change; transitions that are not listed are rejected. Tests, the check constraint and the
 * documents read this table.
 *
 * `proposed` awaits confirmation by a user. `planned` waits for its time, by the clock alone; claiming and
 * ordering it are one transaction, so that there is no status in between. `ordered`: an order of ours is carrying it out and
 * determines its outcome. `wiped`: an immediate change dropped it at Microsoft. An order may be revived by a late response, and
 * its scheduled change with it.
 */
export const scheduleLifecycle = {
  proposed: { confirm: 'planned', edit: 'proposed', cancel: 'cancelled' },
  planned: { edit: 'planned', order: 'ordered', fail: 'failed', cancel: 'cancelled' },
  ordered: { finish: 'done', fail: 'failed', cancel: 'cancelled', wipe: 'wiped' },
  done: {},
  failed: { finish: 'done', reopen: 'ordered' },
  cancelled: { finish: 'done', reopen: 'ordered' },
  wiped: { finish: 'done', reopen: 'ordered' },
} as const satisfies Record<ScheduledStatus, Partial<Record<ScheduledAction, ScheduledStatus>>>;

/** The status after the action, or nothing when the table does not allow it. */
export const scheduledAfter = (
  status: ScheduledStatus,
  action: ScheduledAction,
): ScheduledStatus | undefined =>
  (scheduleLifecycle[status] as Partial<Record<ScheduledAction, ScheduledStatus>>)[action];

export const scheduledKinds = [
  'change-quantity',
  'cancel',
  'renewal-setting',
] as const satisfies readonly OrderKind[];
export type ScheduledKind = (typeof scheduledKinds)[number];

/** A time (milliseconds, UTC), or the renewal, whenever that is. */
export type ScheduledFor = number | 'renewal';

/** The change to make, and the time at which to make it. */
export interface PlannedChange {
  kind: ScheduledKind;
  /** The new total; of a change of quantity. */
  seats: number | null;
  /** Only for a renewal setting. */
  autoRenew: boolean | null;
  /** The line, where the subscription has several. */
  mpn: string | null;
  at: ScheduledFor;
}

/** The order for it: the fields of an order command. */
interface OrderFields {
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
export function orderFieldsFor({ kind, seats, autoRenew, mpn, at }: PlannedChange): OrderFields {
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

/** Human-readable: what happens and when, if the change itself does not show it. */
export function describeMeaning({ kind, at }: Pick<PlannedChange, 'kind' | 'at'>): string | null {
  if (at !== 'renewal') return null;
  return kind === 'cancel'
    ? 'CMP cannot schedule a cancellation: auto-renew is switched off immediately, and the subscription ends with its term.'
    : 'It is ordered immediately, and CMP holds it until the renewal.';
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
      'A renewal setting affects the renewal, so it has to be made before the renewal.',
      'Choose a time before the renewal, or order the setting now.',
    );
  if (at !== 'renewal' && at <= now)
    throw new NotSchedulable(
      'in-the-past',
      `${new Date(at).toISOString()} is in the past.`,
      'Choose a time in the future, or place an immediate order.',
    );
  if (at !== 'renewal' && at > now + furthest)
    throw new NotSchedulable(
      'too-far-ahead',
      `${new Date(at).toISOString()} is more than ten years in the future.`,
      'Choose a time within ten years.',
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

/** No scheduled change of this tenant has this id. */
export class ScheduledChangeNotFound extends DomainError {
  static override readonly code = 'scheduled-change.not-found';

  constructor(scheduledChangeId: string) {
    super(`There is no scheduled change ${scheduledChangeId}.`, {
      nextStep: 'Use an id from GET /v1/scheduled-changes.',
    });
  }
}

const nextSteps: Partial<Record<ScheduledStatus, string>> = {
  planned: 'Nothing to do: it will be carried out when it is due.',
  ordered: 'It is already being ordered: cancel it, and schedule another one.',
};

/** The life of a scheduled change has no such step. */
export class IllegalScheduleAction extends DomainError {
  static override readonly code = 'scheduled-change.illegal-action';

  constructor(scheduledChangeId: string, status: ScheduledStatus, action: ScheduledAction) {
    super(`Scheduled change ${scheduledChangeId} is ${status}; "${action}" is not possible.`, {
      nextStep: nextSteps[status] ?? 'It is over: schedule another one.',
    });
  }
}

type UnschedulableCode = 'in-the-past' | 'too-far-ahead' | 'setting-at-renewal' | 'one-at-renewal';

/** The scheduled change is not possible at that time. */
class NotSchedulable extends DomainError {
  constructor(why: UnschedulableCode, detail: string, nextStep: string) {
    super(detail, { code: `scheduled-change.${why}`, nextStep });
  }
}

/** The change that a stored one stands for; without a time it is for the renewal. */
export const plannedChange = ({
  dueAt,
  kind,
  seats,
  autoRenew,
  mpn,
}: Omit<PlannedChange, 'at'> & { dueAt: Date | null }): PlannedChange => ({
  kind,
  seats,
  autoRenew,
  mpn,
  at: dueAt?.getTime() ?? 'renewal',
});

type Standing = Pick<OrderRecord, 'spec' | 'status' | 'reason'>;

/** CMP had kept the order for the renewal and does not any more, although we did not request that. */
export const wipedAtCmp = ({ spec, status, reason }: Standing): boolean =>
  spec.kind === 'change-quantity' &&
  spec.when === 'renewal' &&
  status === 'refused' &&
  reason?.code === 'cancelled-at-cmp';

/**
 * True if the settled order has dropped scheduled changes. Source: Microsoft Learn, "Create scheduled changes": an immediate
 * change of a subscription deletes all its scheduled ones. An order whose effect already existed changed nothing.
 */
export const dropsScheduled = (order: Standing): boolean =>
  order.status === 'settled' && order.reason?.code !== 'already-so' && changesAtOnce(order);

/** True if carrying out the order drops what is scheduled for the renewal. */
export const changesAtOnce = ({ spec }: Pick<Standing, 'spec'>): boolean =>
  spec.kind === 'cancel' || (spec.kind === 'change-quantity' && spec.when === 'now');

const meanings: Partial<Record<OrderStatus, ScheduledAction>> = {
  accepted: 'reopen',
  settled: 'finish',
  refused: 'fail',
  withdrawn: 'cancel',
};

/**
 * Applies a step of its order to a scheduled change; undefined if it is not changed. What happens to an order after its
 * scheduled change was wiped or carried out no longer affects that change.
 */
export function actionAfter(
  status: ScheduledStatus,
  before: Standing,
  after: Standing,
): ScheduledAction | null {
  if (before.status === after.status) return null;
  const action = wipedAtCmp(after) ? 'wipe' : meanings[after.status];
  return action && scheduledAfter(status, action) ? action : null;
}

/** A change of seats for the renewal, at CMP or on its way there, that an immediate change would drop. */
export interface LostChange {
  /** Ours; null when it was ordered without one. */
  scheduledChangeId: string | null;
  /** Null while it is only planned. */
  orderId: string | null;
  mpn: string | null;
  /** The total it brings. */
  seats: number;
}

const named = ({ scheduledChangeId, orderId, seats }: LostChange): string =>
  `${seats} seats at the renewal (${scheduledChangeId ? `scheduled change ${scheduledChangeId}` : `order ${orderId}`})`;

/** The reason why an immediate change needs consent; null if it drops nothing. */
export function lossReason(lost: readonly LostChange[]): OrderReason | null {
  if (lost.length === 0) return null;
  return reason(
    'scheduled-changes-would-be-lost',
    `Microsoft drops scheduled changes when a subscription is changed immediately: ${lost.map(named).join(', ')}.`,
    'Order with dropScheduledChanges if that is intended; each is proposed again afterwards. Or schedule this change for the renewal too.',
  );
}

/**
 * Refuses a second change for the same renewal: Microsoft keeps one, and whether CMP would show what became of the other
 * is not known.
 * @throws NotSchedulable
 */
export function refuseSecond(kept: readonly LostChange[]): void {
  if (kept.length === 0) return;
  throw new NotSchedulable(
    'one-at-renewal',
    `There is already one for the renewal: ${kept.map(named).join(', ')}.`,
    'Edit or cancel that one, then schedule this.',
  );
}

/**
 * Refuses an immediate change that would drop scheduled changes.
 * @throws OrderRefused
 */
export function refuseLoss(lost: readonly LostChange[]): void {
  const why = lossReason(lost);
  if (why) throw new OrderRefused('scheduled-changes-would-be-lost', why.detail, why.nextStep);
}

/**
 * The order that carries out a scheduled change, in the form in which it would be sent to CMP at `now`.
 * @throws OrderRefused if the current state of the subscription does not allow it
 */
export const specForScheduled = (
  change: PlannedChange,
  row: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): OrderSpec =>
  specForChange({ ...orderFieldsFor(change), subscriptionId: row.id }, row, now, 'order', rules);

/** The reason why the change would be refused when it is due, if nothing else happened until then; null if it would not be. */
export function previewRefusal(
  change: PlannedChange,
  row: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): OrderRefused | null {
  try {
    specForScheduled(change, row, change.at === 'renewal' ? now : Math.max(change.at, now), rules);
    return null;
  } catch (error) {
    if (error instanceof OrderRefused) return error;
    throw error;
  }
}

/** Reasons that may no longer apply when the change is due: seats are added, terms begin again. */
const passing = new Set(['order.decrease-outside-window', 'order.cancellation-window-closed']);

/**
 * Refuses what cannot be ordered however long one waits.
 * @throws OrderRefused
 */
export function requireOrderable(
  change: PlannedChange,
  row: SubscriptionRow,
  now: number,
  rules: ChangeRules,
): void {
  const refusal = previewRefusal(change, row, now, rules);
  if (refusal && !passing.has(refusal.code)) throw refusal;
}
