import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUUID,
  Length,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { Event } from '../contract.ts';

export const syncScopes = ['accounts', 'subscriptions', 'orders', 'reports'] as const;
export type SyncScope = (typeof syncScopes)[number];

export const syncDepths = ['incremental', 'full', 'scrub'] as const;
export type SyncDepth = (typeof syncDepths)[number];

/** Why a run did not complete, for programs and for people. */
export class SyncRunFailureV1 {
  @Length(1, 100) code!: string;
  @MaxLength(2000) detail!: string;
  @MaxLength(2000) nextStep!: string;
}

/** Accepts `{ read: 500, changed: 3 }`: an object of which every value is a finite number. */
export const IsCounts = () =>
  ValidateBy({
    name: 'isCounts',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every((count) => Number.isFinite(count)),
      defaultMessage: () => '$property must be an object of numbers',
    },
  });

@Event({
  eventType: 'account-sync.sync-run-started.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A worker has started to read CMP.',
})
export class SyncRunStartedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
}

@Event({
  eventType: 'account-sync.sync-run-held.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A reminder that a run still waits for approval. Repeated until it is approved or cancelled.',
})
export class SyncRunHeldV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @IsCounts() counts!: Record<string, number>;
  /** Since when the same danger has been waiting for approval. */
  @IsISO8601({ strict: true }) heldSince!: string;
  /** 1 for the first reminder. */
  @IsInt() @Min(1) reminder!: number;
  /** Why it waits, and what to do. */
  @IsDefined() @ValidateNested() @Type(() => SyncRunFailureV1) failure!: SyncRunFailureV1;
}

@Event({
  eventType: 'account-sync.sync-run-finished.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A run has ended: succeeded, failed, cancelled, or waiting for approval as a plan.',
})
export class SyncRunFinishedV1 {
  @IsUUID() runId!: string;
  @IsUUID() connectorId!: string;
  @IsIn(syncScopes) scope!: SyncScope;
  @IsIn(syncDepths) depth!: SyncDepth;
  @Length(1, 64) status!: string;
  @IsCounts() counts!: Record<string, number>;
  @IsOptional() @ValidateNested() @Type(() => SyncRunFailureV1) failure?: SyncRunFailureV1;
}
