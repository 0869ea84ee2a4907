import { DomainError } from '@isthmus/domain';
import { pluralOf } from '@isthmus/service-kit';

export type RunStatus = 'queued' | 'running' | 'awaiting-approval' | 'succeeded' | 'failed' | 'cancelled';
export type RunAction = 'claim' | 'hold' | 'approve' | 'succeed' | 'fail' | 'cancel';

/** The whole life of a sync run: what is absent is refused. A run that would end too much is held until somebody approves it. */
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

/** Statuses from which `action` is legal; SQL guards are written from this. */
export const statusesAllowing = (action: RunAction): RunStatus[] =>
  (Object.keys(runLifecycle) as RunStatus[]).filter((status) => runLifecycle[status][action]);

/** A run in one of these is the one that an equal request joins; one that waits for a person stands in nobody's way. */
export const activeStatuses: readonly RunStatus[] = ['queued', 'running'];

/** A run in one of these has not ended. */
export const openStatuses: readonly RunStatus[] = ['queued', 'running', 'awaiting-approval'];

/** What a run did so far, by record. `unchanged` ones were read and compared, nothing was written for them. */
export interface RunCounts {
  read: number;
  appeared: number;
  changed: number;
  ended: number;
  unchanged: number;
  /** Did not parse; kept aside with the reason in the run's records. */
  setAside: number;
  /** Belongs to an account whose sync is switched off. */
  skipped: number;
  failed: number;
  /** Calls made to CMP, retries included. */
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

/** Both together, by name; what neither has stays absent. */
export function addCounts<C extends Partial<RunCounts>>(counts: C, more: Partial<RunCounts>): C {
  const total: Partial<RunCounts> = { ...counts };
  for (const [name, count] of Object.entries(more) as [keyof RunCounts, number][])
    total[name] = (total[name] ?? 0) + count;
  return total as C;
}

/** Why a run stopped, in words for a person. */
export interface RunFailure {
  code: string;
  detail: string;
  nextStep: string;
  /** CMP's X-Correlation-ID of the call that failed, for Ingram's support. */
  correlationId?: string;
}

/** The breaker's account: the run would end `end` of `of` live records, more than `limit`, move too many, or take away too many seats. */
export interface RunBreaker {
  end: number;
  of: number;
  limit: number;
  /** How many seats the run would take away from live subscriptions, of how many; set when that was too much. */
  seats?: { fewer: number; of: number; limit: number };
  /** How many live records the run would move to other customers, of how many; set when that was too much. */
  moved?: { count: number; of: number; limit: number };
  approved?: number;
  approvedBy?: string;
}

/** Why a run is silent just now. */
export interface RunWait {
  reason: string;
  until: string;
}

/** What happened, or in a plan would happen, to one record. */
export interface RunRecord {
  kind: string;
  cmpId?: string;
  /** CMP id of the account it belongs to, when it belongs to one. */
  cmpAccountId?: string;
  result: 'appeared' | 'changed' | 'ended' | 'set-aside' | 'failed';
  /** Names of the fields that differ. */
  changed?: string[];
  /** Of a plan: both values of each field that differs. */
  values?: Record<string, { from: unknown; to: unknown }>;
  reason?: string;
  correlationId?: string;
}

/** One record of CMP as a plan has read it, or that a complete listing no longer has. */
export interface PlanRow {
  /** Name of the mirror that would write it. */
  mirror: string;
  id: string;
  cmpId: string;
  /** Version of the row the plan was compared with; null while there was none. */
  version: number | null;
  /** When CMP was read, ISO 8601. */
  asOf: string;
  /** What was read, as JSON text: it may hold characters PostgreSQL cannot unpack. Absent of one no longer listed. */
  value?: string;
  live?: boolean;
}

export interface BreakerLimits {
  /** This many endings in one run are always allowed, and as many moves to another customer. */
  rows: number;
  /** Beyond that, this share of the live records (0…1). */
  share: number;
  /** The same of seats taken away from live subscriptions; without it they are not counted. */
  seats?: { rows: number; share: number };
}

/** How many of the live records (or seats) one run may take away, or move: the limit, or what a person has approved if that is more. */
export const allowedEndings = (
  limits: Pick<BreakerLimits, 'rows' | 'share'>,
  live: number,
  approved: number,
): number => Math.max(limits.rows, Math.floor(live * limits.share), approved);

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

/** A tenant may have only so many runs open that people started; those of the schedule and of events come on top. */
export class TooManyRuns extends DomainError {
  static override readonly code = 'sync-run.too-many';
  constructor(most: number) {
    super(`There are already ${most} open runs, the most that a tenant may have at once.`, {
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
