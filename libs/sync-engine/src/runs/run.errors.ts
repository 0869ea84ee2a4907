import { DomainError } from '@isthmus/domain';
import { pluralOf } from '@isthmus/service-kit';
import type { RunBreaker } from './run.ts';

/** Another worker holds the run now: this one must not write any more. */
export class LeaseLost extends DomainError {
  static override readonly code = 'sync-run.lease-lost';
  constructor(readonly runId: string) {
    super(`Sync run ${runId} is held by another worker; this one stops without writing.`);
  }
}

/** The process is to end; the run goes on in another one. */
export class WorkerStopping extends DomainError {
  static override readonly code = 'sync-run.worker-stopping';
  constructor() {
    super('The worker is being restarted; another one goes on with the run.');
  }
}

export class RunCancelled extends DomainError {
  static override readonly code = 'sync-run.cancelled';
  constructor(readonly runId: string) {
    super(`Sync run ${runId} was cancelled.`);
  }
}

/** The breaker opened: the run would end more than its limit allows and waits for a person. */
export class ApprovalNeeded extends DomainError {
  static override readonly code = 'sync-run.approval-needed';
  constructor(
    readonly would: RunBreaker,
    readonly noun: string,
  ) {
    super(
      would.seats
        ? `The run would take away ${would.seats.fewer} of ${would.seats.of} seats, more than the limit of ${would.seats.limit}. ` +
            'What goes beyond the limit was not written. Compare with the marketplace portal, then approve the run or cancel it.'
        : `The run would end ${would.end} of ${would.of} ${pluralOf(noun)}, more than the limit of ${would.limit}. ` +
            'Nothing was ended. Compare with the marketplace portal, then approve the run or cancel it.',
    );
  }
}

export class RunNotFound extends DomainError {
  static override readonly code = 'sync-run.not-found';
  constructor(readonly runId: string) {
    super(`There is no sync run ${runId}.`);
  }
}

const participle: Readonly<Record<string, string>> = {
  approve: 'approved',
  cancel: 'cancelled',
  apply: 'applied',
};

export class RunActionRefused extends DomainError {
  static override readonly code = 'sync-run.action-refused';
  constructor(
    readonly runId: string,
    readonly status: string,
    readonly action: string,
    nextStep: string,
    why = `Sync run ${runId} is ${status}; it can no longer be ${participle[action] ?? action}.`,
  ) {
    super(why, { nextStep });
  }
}

/** A plan cannot be applied as shown: what it was compared with is no longer as it was. */
export class PlanOutdated extends DomainError {
  static override readonly code = 'sync-run.plan-outdated';
  declare readonly nextStep: string;
  constructor(
    readonly runId: string,
    readonly differs: readonly PlanDifference[],
    readonly total: number,
  ) {
    const some = differs.map(({ kind, cmpId, reason }) => `${kind} ${cmpId}: ${reason}`).join('; ');
    const more = total > differs.length ? `; and ${total - differs.length} more` : '';
    const what = `Plan ${runId} cannot be applied as shown, because what it was compared with has changed.`;
    super(`${what} ${some.slice(0, 1_700)}${more}`.trim(), {
      title: 'The plan is out of date',
      nextStep: 'Make a new plan, look at its records, and apply that one.',
      // For programs: the records that stand in the way.
      details: { differs },
    });
  }
}

/** One record that is not as the plan was made for. */
export interface PlanDifference {
  kind: string;
  cmpId: string;
  reason: string;
}
