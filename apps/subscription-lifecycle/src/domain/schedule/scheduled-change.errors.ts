import type { ScheduledAction, ScheduledStatus } from './schedule-lifecycle.ts';

/** No scheduled change of this tenant has this id. */
export class ScheduledChangeNotFound extends Error {
  override readonly name = 'ScheduledChangeNotFound';
  readonly code = 'scheduled-change.not-found';
  readonly nextStep = 'List the scheduled changes and take an id from there.';

  constructor(readonly scheduledChangeId: string) {
    super(`There is no scheduled change ${scheduledChangeId}.`);
  }
}

const nextSteps: Partial<Record<ScheduledStatus, string>> = {
  planned: 'Nothing has to be done: it is carried out at its time.',
  ordered: 'It is being ordered already: cancel it, and schedule another one.',
};

/** The life of a scheduled change has no such step. */
export class IllegalScheduleAction extends Error {
  override readonly name = 'IllegalScheduleAction';
  readonly code = 'scheduled-change.illegal-action';
  readonly nextStep: string;

  constructor(
    readonly scheduledChangeId: string,
    readonly status: ScheduledStatus,
    readonly action: ScheduledAction,
  ) {
    super(`Scheduled change ${scheduledChangeId} is ${status}; "${action}" is not possible.`);
    this.nextStep = nextSteps[status] ?? 'It is over: schedule another one.';
  }
}

export type UnschedulableCode = 'in-the-past' | 'too-far-ahead' | 'setting-at-renewal' | 'one-at-renewal';

/** What a scheduled change asks for cannot be had at that time. */
export class NotSchedulable extends Error {
  override readonly name = 'NotSchedulable';
  readonly code: `scheduled-change.${UnschedulableCode}`;

  constructor(
    why: UnschedulableCode,
    detail: string,
    readonly nextStep: string,
  ) {
    super(detail);
    this.code = `scheduled-change.${why}`;
  }
}
