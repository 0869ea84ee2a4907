import { DomainError } from '@isthmus/domain';
import { pluralOf } from '@isthmus/service-kit';

export type RunStatus = 'queued' | 'running' | 'awaiting-approval' | 'succeeded' | 'failed' | 'cancelled';
export type RunAction = 'claim' | 'hold' | 'approve' | 'succeed' | 'fail' | 'cancel';

/** The life cycle of a sync run: transitions that are not listed are refused. A run that would end too much is held until somebody approves it. */
export const runLifecycle: Record<RunStatus, Partial<Record<RunAction, RunStatus>>> = {
  queued: { claim: 'running', fail: 'failed', cancel: 'cancelled' },
  running: {
    claim: 'running',
    hold: 'awaiting-approval',
    succeed: 'succeeded',
    fail: 'failed',
    cancel: 'cancelled',
  },
  'awaiting-approval': { approve: 'queued', cancel: 'cancelled' },
  succeeded: {},
  failed: {},
  cancelled: {},
};

/** The statuses in which `action` is allowed; SQL guards are derived from this. */
export const statusesAllowing = (action: RunAction): RunStatus[] =>
  (Object.keys(runLifecycle) as RunStatus[]).filter((status) => runLifecycle[status][action]);

/**
 * An identical request joins a run in one of these statuses; a run that awaits approval blocks no other.
 */
export const activeStatuses: readonly RunStatus[] = ['queued', 'running'];

/** A run in one of these statuses has not ended. */
export const openStatuses: readonly RunStatus[] = ['queued', 'running', 'awaiting-approval'];

/** What a run has done so far, in records. Those that are `unchanged` were read and compared; nothing was written for them. */
export interface RunCounts {
  read: number;
  appeared: number;
  changed: number;
  ended: number;
  unchanged: number;
  /** Could not be parsed; set aside, with the reason in the run's records. */
  setAside: number;
  /** Belong to an account whose sync is switched off. */
  skipped: number;
  failed: number;
  /** Calls to CMP, including retries. */
  calls: number;
}

export const noCounts = (): RunCounts => ({
  read: 0,
  appeared: 0,
  changed: 0,
  ended: 0,
  unchanged: 0,
  setAside: 0,
  skipped: 0,
  failed: 0,
  calls: 0,
});

/** The sum of both, by name; a count that neither has stays absent. */
export function addCounts<C extends Partial<RunCounts>>(counts: C, more: Partial<RunCounts>): C {
  const total: Partial<RunCounts> = { ...counts };
  for (const [name, count] of Object.entries(more) as [keyof RunCounts, number][])
    total[name] = (total[name] ?? 0) + count;
  return total as C;
}

/** Why a run stopped, described for a person. */
export interface RunFailure {
  code: string;
  detail: string;
  nextStep: string;
  /** CMP's X-Correlation-ID of the call that failed, for Ingram's support. */
  correlationId?: string;
}

/** What made the breaker open: the run would end `end` of `of` live records, more than `limit`, move too many, or remove too many seats. */
export interface RunBreaker {
  end: number;
  of: number;
  limit: number;
  /** How many seats of live subscriptions the run would remove, and of how many; set if that was too many. */
  seats?: { fewer: number; of: number; limit: number };
  /** How many live records the run would move to other customers, and of how many; set if that was too many. */
  moved?: { count: number; of: number; limit: number };
  approved?: number;
  approvedBy?: string;
}

/** Why a run is waiting at the moment. */
export interface RunWait {
  reason: string;
  until: string;
}

/** What happened to one record, or would happen in the case of a plan. */
export interface RunRecord {
  kind: string;
  cmpId?: string;
  /** CMP's id of the account it belongs to, if it belongs to one. */
  cmpAccountId?: string;
  result: 'appeared' | 'changed' | 'ended' | 'set-aside' | 'failed';
  /** The names of the fields that differ. */
  changed?: string[];
  /** For a plan: both values of each field that differs. */
  values?: Record<string, { from: unknown; to: unknown }>;
  reason?: string;
  correlationId?: string;
}

/** One record of CMP that a plan has read, or that a complete listing no longer has. */
export interface PlanRow {
  /** The name of the mirror that would write it. */
  mirror: string;
  id: string;
  cmpId: string;
  /** The version of the row that it was compared with; null if there was none. */
  version: number | null;
  /** When CMP was read, ISO 8601. */
  asOf: string;
  /** What was read, as JSON text, because it may contain characters that PostgreSQL cannot unpack. Absent if it is no longer listed. */
  value?: string;
  live?: boolean;
}

export interface BreakerLimits {
  /** This many endings per run are always allowed, and as many moves to other customers. */
  rows: number;
  /** Beyond that, this share of the live records (0 to 1). */
  share: number;
  /** Limits for seats removed from live subscriptions; without them, removed seats are not counted. */
  seats?: { rows: number; share: number };
}

/** How many of the live records one run may end or move, or how many seats it may remove: the limit, or what a person has approved if that is more. */
export const allowedEndings = (
  limits: Pick<BreakerLimits, 'rows' | 'share'>,
  live: number,
  approved: number,
): number => Math.max(limits.rows, Math.floor(live * limits.share), approved);

/** Another worker holds the run now: this one must not write anything more. */
export class LeaseLost extends DomainError {
  static override readonly code = 'sync-run.lease-lost';
  constructor(readonly runId: string) {
    super(`Sync run ${runId} is leased by another worker; this one stops without writing.`);
  }
}

/** The process is stopping; another one continues the run. */
export class WorkerStopping extends DomainError {
  static override readonly code = 'sync-run.worker-stopping';
  constructor() {
    super('The worker is being restarted; another one continues the run.');
  }
}

export class RunCancelled extends DomainError {
  static override readonly code = 'sync-run.cancelled';
  constructor(readonly runId: string) {
    super(`Sync run ${runId} was cancelled.`);
  }
}

/**
 * The breaker opened: the run would end or move more than its limit allows and awaits approval.
 */
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
        `The run would remove ${seats.fewer} of ${seats.of} seats, more than the limit of ${seats.limit}.`,
    ].filter(Boolean);
    const rest = seats || moved ? 'Changes beyond the limit were not written.' : 'Nothing was ended.';
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

/** A tenant may have only so many runs open that people started; those of the schedule and of events come on top. */
export class TooManyRuns extends DomainError {
  static override readonly code = 'sync-run.too-many';
  constructor(most: number) {
    super(`There are already ${most} open runs, the maximum for a tenant.`, {
      nextStep: 'Wait until one has ended, or cancel one.',
    });
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

/** A plan cannot be applied as shown, because what it was compared with has changed. */
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
      nextStep: 'Create a new plan, check its records, and apply that plan.',
      // For programs: the records that prevent it.
      details: { differs },
    });
  }
}

/** One record that is no longer as it was when the plan was made. */
export interface PlanDifference {
  kind: string;
  cmpId: string;
  reason: string;
}
