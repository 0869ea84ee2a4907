import { syncDepths, syncScopes, type SyncDepth, type SyncScope } from '@isthmus/contracts';
import type { RunStatus } from '@isthmus/sync-engine';
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
import { progressOf, silenceOf } from '../domain/run-progress.ts';
import { parseTarget } from '../domain/sync-target.ts';
import type { SyncRunRow } from '../persistence/queries/sync-runs.query.ts';
import { SyncRunBreaker, SyncRunCounts, SyncRunFailure, SyncRunWaiting } from './sync-run-parts.view.ts';
import { runStatuses } from './sync-run-query.dto.ts';

export class SyncRunView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @IsOptional() @IsUUID() providerAccountId!: string | null;
  @IsOptional() @IsUUID() billingContractId!: string | null;
  @IsBoolean() apply!: boolean;
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
  @ValidateNested() @Type(() => SyncRunCounts) counts!: SyncRunCounts;
  /** The call budget as the worker last saw it. */
  @IsOptional() @IsObject() budget!: unknown;
  @IsOptional() @ValidateNested() @Type(() => SyncRunWaiting) waiting!: SyncRunWaiting | null;
  @IsOptional() @IsISO8601() heartbeatAt!: string | null;
  /** Whether every list was read to its end and added up; null before that is known. */
  @IsOptional() @IsBoolean() complete!: boolean | null;
  @IsOptional() @ValidateNested() @Type(() => SyncRunFailure) failure!: SyncRunFailure | null;
  @IsOptional() @ValidateNested() @Type(() => SyncRunBreaker) breaker!: SyncRunBreaker | null;
  @IsInt() attempts!: number;
  @IsOptional() @IsISO8601() cancelRequestedAt!: string | null;
  @IsISO8601() createdAt!: string;
  @IsOptional() @IsISO8601() startedAt!: string | null;
  @IsOptional() @IsISO8601() finishedAt!: string | null;
}

export class StartedSyncRun extends SyncRunView {
  /** An equal run was open already, and this is that one. */
  @IsBoolean() joined!: boolean;
}

export function showSyncRun(row: SyncRunRow): SyncRunView {
  const { id, connectorId, scope, depth, apply, trigger, requestedBy, status, phase, done, total } = row;
  const { counts, budget, complete, failure, breaker, attempts } = row;
  const { providerAccountId = null, billingContractId = null } = parseTarget(row.target);
  const dateOf = (time: Date | string | null) => (time === null ? null : new Date(time));
  const pace = { ...row, phaseStartedAt: dateOf(row.phaseStartedAt), heartbeatAt: dateOf(row.heartbeatAt) };
  const now = new Date(row.now);
  return {
    id,
    connectorId,
    scope,
    depth,
    providerAccountId,
    billingContractId,
    apply,
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
    attempts,
    cancelRequestedAt: isoTimeOrNull(row.cancelRequestedAt),
    createdAt: isoTime(row.createdAt),
    startedAt: isoTimeOrNull(row.startedAt),
    finishedAt: isoTimeOrNull(row.finishedAt),
  };
}
