import { isoTime, isoTimeOrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
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
import type { RunStatus } from '../runs/run-lifecycle.ts';
import { planIdOf } from '../runs/run-plan.ts';
import type { SyncRunRow } from '../runs/runs.query.ts';
import { RunBreakerView, RunCountsView, RunFailureView, RunWaitingView } from './run-parts.view.ts';
import { progressOf, silenceOf } from './run-progress.ts';
import { runStatuses } from './run-query.dto.ts';

/** What every service shows of a run; one that narrows runs adds what to. */
export class RunView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() scope!: string;
  @IsString() depth!: string;
  @IsBoolean() apply!: boolean;
  /** The plan that it writes as shown. */
  @IsOptional() @IsUUID() planId!: string | null;
  /** `person`, `schedule` or `event`. */
  @IsString() trigger!: string;
  @IsString() requestedBy!: string;
  @IsIn(runStatuses) status!: RunStatus;
  @IsOptional() @IsString() phase!: string | null;
  /** Records done in this phase, and how many there are. */
  @IsInt() done!: number;
  @IsOptional() @IsInt() total!: number | null;
  @IsOptional() @IsInt() percent!: number | null;
  @IsOptional() @IsNumber() ratePerSecond!: number | null;
  @IsOptional() @IsInt() etaSeconds!: number | null;
  @ValidateNested() @Type(() => RunCountsView) counts!: RunCountsView;
  /** The call budget as the worker last saw it. */
  @IsOptional() @IsObject() budget!: unknown;
  @IsOptional() @ValidateNested() @Type(() => RunWaitingView) waiting!: RunWaitingView | null;
  @IsOptional() @IsISO8601() heartbeatAt!: string | null;
  /** Whether every list was read to its end and added up; null before that is known. */
  @IsOptional() @IsBoolean() complete!: boolean | null;
  @IsOptional() @ValidateNested() @Type(() => RunFailureView) failure!: RunFailureView | null;
  @IsOptional() @ValidateNested() @Type(() => RunBreakerView) breaker!: RunBreakerView | null;
  /** Since when it waits for approval, with the plans it took the place of. */
  @IsOptional() @IsISO8601() heldSince!: string | null;
  /** How often people were reminded of it. */
  @IsInt() reminders!: number;
  @IsInt() attempts!: number;
  @IsOptional() @IsISO8601() cancelRequestedAt!: string | null;
  @IsISO8601() createdAt!: string;
  @IsOptional() @IsISO8601() startedAt!: string | null;
  @IsOptional() @IsISO8601() finishedAt!: string | null;
}

export function showRun(row: SyncRunRow): RunView {
  const { id, connectorId, scope, depth, apply, trigger, requestedBy, status, phase, done, total } = row;
  const { counts, budget, complete, failure, breaker, attempts, reminders } = row;
  const dateOf = (time: Date | string | null) => (time === null ? null : new Date(time));
  const pace = { ...row, phaseStartedAt: dateOf(row.phaseStartedAt), heartbeatAt: dateOf(row.heartbeatAt) };
  const now = new Date(row.now);
  return {
    id,
    connectorId,
    scope,
    depth,
    apply,
    planId: planIdOf(row.target) ?? null,
    trigger,
    requestedBy,
    status,
    phase,
    done,
    total,
    ...progressOf(pace, now),
    counts,
    budget,
    waiting: silenceOf(pace, now),
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
