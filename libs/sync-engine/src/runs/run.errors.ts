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

/** The breaker opened: the run would end or move more than its limit allows and waits for a person. */
export class ApprovalNeeded extends DomainError {
  static override readonly code = 'sync-run.approval-needed';
  constructor(
    readonly would: RunBreaker,
    readonly noun: string,
  ) {
    const { seats, moved } = would;
    const dangers = [
      (would.end > would.limit || (!seats && !moved)) &&
        `The run would end ${would.end} of ${would.of} ${pluralOf(noun)}, more than the limit of ${would.limit}.`,
      moved &&
        `The run would move ${moved.count} of ${moved.of} ${pluralOf(noun)} to other customers, more than the limit of ${moved.limit}.`,
      seats &&
        `The run would take away ${seats.fewer} of ${seats.of} seats, more than the limit of ${seats.limit}.`,
    ].filter(Boolean);
    const rest = seats || moved ? 'What goes beyond the limit was not written.' : 'Nothing was ended.';
    const next = 'Compare with the marketplace portal, then approve the run or cancel it.';
    super(`${dangers.join(' ')} ${rest} ${next}`);
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
    because = 'what it was compared with has changed.',
  ) {
    const some = differs.map(({ kind, cmpId, reason }) => `${kind} ${cmpId}: ${reason}`).join('; ');
    const more = total > differs.length ? `; and ${total - differs.length} more` : '';
    const what = `Plan ${runId} cannot be applied as shown, because ${because}`;
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
