import type { BudgetState, Lane } from '@isthmus/cmp-client';
import { IfGiven, IsInstant, isoTime, isoTimeOrNull, OrNull, PageQuery, Schema } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNumber,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { appliedPlanId } from '../mirror/apply-plan.ts';
import { noCounts, runLifecycle, type RunRecord, type RunStatus, type RunWait } from '../runs/run.ts';
import type { SyncRunRow } from '../sync-runs.ts';

const runStatuses = Object.keys(runLifecycle) as RunStatus[];
const runTriggers = ['person', 'schedule', 'event'] as const;
const heldBackBys = ['closed', 'day', 'window', 'pace', 'lane-above'] as const satisfies NonNullable<
  BudgetState['heldBackBy']
>[];
const recordResults = [
  'appeared',
  'changed',
  'ended',
  'set-aside',
  'failed',
] as const satisfies RunRecord['result'][];

/** The filters of a list of runs; a service with several scopes adds one for the scope. */
export class RunQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(runStatuses) status?: RunStatus;
  @IfGiven() @IsIn(runTriggers) trigger?: (typeof runTriggers)[number];
  /** Requested at or after, and before. */
  @IfGiven() @IsInstant() from?: string;
  @IfGiven() @IsInstant() to?: string;
}

export class RunRecordQuery extends PageQuery {
  @IfGiven() @IsIn(recordResults) result?: RunRecord['result'];
}

class RunCountsView {
  @IsInt() read!: number;
  /** Seen for the first time, or again. The records name each one when it is announced, a live subscription with its seats. */
  @IsInt() appeared!: number;
  @IsInt() changed!: number;
  @IsInt() ended!: number;
  /** Read and compared; nothing was written for them. */
  @IsInt() unchanged!: number;
  /** Records that could not be parsed; the run's records show the reasons. */
  @IsInt() setAside!: number;
  /** Belong to accounts whose sync is switched off. */
  @IsInt() skipped!: number;
  @IsInt() failed!: number;
  /** Number of calls to CMP. */
  @IsInt() calls!: number;
}

class RunFailureView {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
  /** CMP's id of the call that failed, for Ingram's support. */
  @IsOptional() @IsString() correlationId?: string;
}

/** The reason why a run is currently not making progress. */
class RunWaitingView {
  @IsString() reason!: string;
  @OrNull() @IsISO8601() until!: string | null;
}

/** Seats the run would take away from live subscriptions: `fewer` of `of`, more than `limit`. */
class RunSeatsView {
  @IsInt() fewer!: number;
  @IsInt() of!: number;
  @IsInt() limit!: number;
}

/** Live records the run would move to other customers: `count` of `of`, more than `limit`. */
class RunMovedView {
  @IsInt() count!: number;
  @IsInt() of!: number;
  @IsInt() limit!: number;
}

/** The run would end `end` of `of` live records, more than `limit`, move too many, or take away too many seats. */
class RunBreakerView {
  @IsInt() end!: number;
  @IsInt() of!: number;
  @IsInt() limit!: number;
  @IsOptional() @ValidateNested() @Type(() => RunSeatsView) seats?: RunSeatsView;
  @IsOptional() @ValidateNested() @Type(() => RunMovedView) moved?: RunMovedView;
  @IsOptional() @IsInt() approved?: number;
  @IsOptional() @IsString() approvedBy?: string;
}

const anyValue = { type: ['string', 'number', 'boolean', 'object', 'array', 'null'] };
/** By the field's name. */
const changedValues = {
  type: 'object',
  additionalProperties: {
    type: 'object',
    required: ['from', 'to'],
    properties: { from: anyValue, to: anyValue },
  },
};

/** The result for one record of CMP, or the planned result in the case of a plan. */
export class RunRecordView implements RunRecord {
  /** The kind of record, e.g. `provider-account` or `product`. */
  @IsString() kind!: string;
  @IsOptional() @IsString() cmpId?: string;
  @IsOptional() @IsString() cmpAccountId?: string;
  @IsIn(recordResults) result!: RunRecord['result'];
  /** Names of the fields that differ. */
  @IsOptional() @IsArray() @IsString({ each: true }) changed?: string[];
  /** For a plan: `{from, to}` of each field that differs, e.g. `quantity` or `lines[MPN].unitPrice`; null where there is no value. */
  @IsOptional() @IsObject() @Schema(changedValues) values?: RunRecord['values'];
  @IsOptional() @IsString() reason?: string;
  /** CMP's id of the call, for Ingram's support. */
  @IsOptional() @IsString() correlationId?: string;
}

class WaitingCallsView implements Record<Lane, number> {
  @IsInt() order!: number;
  @IsInt() interactive!: number;
  @IsInt() sync!: number;
  @IsInt() scrub!: number;
}

/** The call budget of a subscription key; null where there is no limit. */
export class BudgetView implements BudgetState {
  /** Calls per minute that we allow ourselves now. */
  @OrNull() @IsNumber() limit!: number | null;
  @IsInt() usedLastMinute!: number;
  /** In the last 24 hours. */
  @IsInt() usedToday!: number;
  @OrNull() @IsInt() dailyLimit!: number | null;
  /** CMP requested no calls until then. */
  @OrNull() @IsISO8601() closedUntil!: string | null;
  /** What waiting calls wait for. */
  @OrNull() @IsIn(heldBackBys) heldBackBy!: BudgetState['heldBackBy'];
  /** How many wait, by lane. */
  @ValidateNested() @Type(() => WaitingCallsView) waiting!: WaitingCallsView;
}

/** Data that every service returns about a run; a service whose runs can be restricted adds the restriction. */
export class RunView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() scope!: string;
  @IsString() depth!: string;
  @IsBoolean() apply!: boolean;
  /** The plan that it writes as shown. */
  @OrNull() @IsUUID() planId!: string | null;
  /** `person`, `schedule` or `event`. */
  @IsString() trigger!: string;
  @IsString() requestedBy!: string;
  @IsIn(runStatuses) status!: RunStatus;
  @OrNull() @IsString() phase!: string | null;
  /** Number of processed records of this phase, and their total. */
  @IsInt() done!: number;
  @OrNull() @IsInt() total!: number | null;
  @OrNull() @IsInt() percent!: number | null;
  @OrNull() @IsNumber() ratePerSecond!: number | null;
  @OrNull() @IsInt() etaSeconds!: number | null;
  @ValidateNested() @Type(() => RunCountsView) counts!: RunCountsView;
  /** The call budget as the worker last saw it. */
  @OrNull() @ValidateNested() @Type(() => BudgetView) budget!: BudgetView | null;
  @OrNull() @ValidateNested() @Type(() => RunWaitingView) waiting!: RunWaitingView | null;
  @OrNull() @IsISO8601() heartbeatAt!: string | null;
  /** Whether every list was read to its end and its totals matched; null until that is known. */
  @OrNull() @IsBoolean() complete!: boolean | null;
  @OrNull() @ValidateNested() @Type(() => RunFailureView) failure!: RunFailureView | null;
  @OrNull() @ValidateNested() @Type(() => RunBreakerView) breaker!: RunBreakerView | null;
  /** Time since which it has been awaiting approval, including the plans that it superseded. */
  @OrNull() @IsISO8601() heldSince!: string | null;
  /** Number of reminders that were published. */
  @IsInt() reminders!: number;
  @IsInt() attempts!: number;
  @OrNull() @IsISO8601() cancelRequestedAt!: string | null;
  @IsISO8601() createdAt!: string;
  @OrNull() @IsISO8601() startedAt!: string | null;
  @OrNull() @IsISO8601() finishedAt!: string | null;
}

export function toRunView(row: SyncRunRow): RunView {
  const { id, connectorId, scope, depth, apply, trigger, requestedBy, status, phase, done, total } = row;
  const { counts, budget, complete, failure, breaker, attempts, reminders } = row;
  const toDate = (time: Date | string | null) => (time === null ? null : new Date(time));
  const pace = { ...row, phaseStartedAt: toDate(row.phaseStartedAt), heartbeatAt: toDate(row.heartbeatAt) };
  const now = new Date(row.now);
  return {
    id,
    connectorId,
    scope,
    depth,
    apply,
    planId: appliedPlanId(row.target) ?? null,
    trigger,
    requestedBy,
    status,
    phase,
    done,
    total,
    ...runProgress(pace, now),
    counts: { ...noCounts(), ...counts },
    budget: budget as BudgetState | null,
    waiting: silenceReason(pace, now),
    heartbeatAt: isoTimeOrNull(row.heartbeatAt),
    complete,
    failure,
    breaker,
    heldSince: status === 'awaiting-approval' ? isoTimeOrNull(row.heldSince) : null,
    reminders,
    attempts,
    cancelRequestedAt: isoTimeOrNull(row.cancelRequestedAt),
    createdAt: isoTime(row.createdAt),
    startedAt: isoTimeOrNull(row.startedAt),
    finishedAt: isoTimeOrNull(row.finishedAt),
  };
}

export interface RunPace {
  status: RunStatus;
  done: number;
  total: number | null;
  phaseStartedAt: Date | null;
  heartbeatAt: Date | null;
  waiting: RunWait | null;
}

interface RunProgress {
  /** Percentage of the phase that is done, 0 to 100; null while its size is unknown. */
  percent: number | null;
  ratePerSecond: number | null;
  etaSeconds: number | null;
}

/** The speed of the current phase and the remaining time at that pace. */
export function runProgress(run: RunPace, now: Date): RunProgress {
  if (run.status === 'succeeded') return { percent: 100, ratePerSecond: null, etaSeconds: 0 };
  const percent = run.total === null ? null : percentage(run.done, run.total);
  if (run.status !== 'running' || !run.phaseStartedAt)
    return { percent, ratePerSecond: null, etaSeconds: null };
  const seconds = (now.getTime() - run.phaseStartedAt.getTime()) / 1000;
  const rate = seconds > 0 && run.done > 0 ? run.done / seconds : null;
  return {
    percent,
    ratePerSecond: rate === null ? null : Math.round(rate * 100) / 100,
    etaSeconds:
      rate === null || run.total === null ? null : Math.ceil(Math.max(0, run.total - run.done) / rate),
  };
}

// A listing may contain more rows than it announced; "103 %" would not help.
const percentage = (done: number, total: number): number =>
  total === 0 ? 100 : Math.min(100, Math.floor((done * 100) / total));

interface Silence {
  reason: string;
  /** When it is expected to continue, if that is known. */
  until: string | null;
}

const silentAfterMs = 60_000;

/** The reason why the run is currently not making progress; null if it is, or if it has ended. */
export function silenceReason({ status, waiting, heartbeatAt }: RunPace, now: Date): Silence | null {
  if (status === 'awaiting-approval')
    return {
      reason:
        'It would end more records, or remove more seats, than its limits allow, and waits until a user approves or cancels it.',
      until: null,
    };
  if (status !== 'queued' && status !== 'running') return null;
  if (waiting) return { reason: waiting.reason, until: waiting.until };
  if (status === 'queued') return { reason: 'It waits for a free sync worker.', until: null };
  if (heartbeatAt && now.getTime() - heartbeatAt.getTime() <= silentAfterMs) return null;
  const since = heartbeatAt ? ` since ${heartbeatAt.toISOString()}` : '';
  return {
    reason: `Its worker has not responded${since}; the next free worker takes it over.`,
    until: null,
  };
}
