import { Type } from 'class-transformer';
import { IsInt, IsISO8601, IsOptional, IsString, ValidateNested } from 'class-validator';

export class RunCountsView {
  @IsInt() read!: number;
  /** Seen for the first time, or again. The records name each when it is announced, a live subscription with its seats. */
  @IsInt() appeared!: number;
  @IsInt() changed!: number;
  @IsInt() ended!: number;
  /** Read and compared; nothing was written for them. */
  @IsInt() unchanged!: number;
  /** Could not be understood; the records say why. */
  @IsInt() setAside!: number;
  /** Of accounts whose sync is switched off. */
  @IsInt() skipped!: number;
  @IsInt() failed!: number;
  /** Calls made to CMP. */
  @IsInt() calls!: number;
}

export class RunFailureView {
  @IsString() code!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
  /** CMP's id of the call that failed, for Ingram's support. */
  @IsOptional() @IsString() correlationId?: string;
}

/** Why a run does not move just now. */
export class RunWaitingView {
  @IsString() reason!: string;
  @IsOptional() @IsISO8601() until!: string | null;
}

/** Seats the run would take away from live subscriptions: `fewer` of `of`, more than `limit`. */
export class RunSeatsView {
  @IsInt() fewer!: number;
  @IsInt() of!: number;
  @IsInt() limit!: number;
}

/** The run would end `end` of `of` live records, more than `limit`, or take away too many seats. */
export class RunBreakerView {
  @IsInt() end!: number;
  @IsInt() of!: number;
  @IsInt() limit!: number;
  @IsOptional() @ValidateNested() @Type(() => RunSeatsView) seats?: RunSeatsView;
  @IsOptional() @IsInt() approved?: number;
  @IsOptional() @IsString() approvedBy?: string;
}
