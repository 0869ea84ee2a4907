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
export const statusesThatMay = (action: RunAction): RunStatus[] =>
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
export const endingsAllowed = (
  limits: Pick<BreakerLimits, 'rows' | 'share'>,
  live: number,
  approved: number,
): number => Math.max(limits.rows, Math.floor(live * limits.share), approved);
