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
 * The whole life of a scheduled change: what is absent is refused. Tests, the check constraint and the documents read
 * this table.
 *
 * `proposed` waits for somebody's leave. `planned` waits for its time, which the clock alone tells; to be taken and to be
 * ordered are one transaction, so that there is no status between. `ordered`: an order of ours is carrying it out, and
 * says what becomes of it. `wiped`: an immediate change dropped it at Microsoft. An order may come back to life when an
 * answer arrives late, and its scheduled change with it.
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
