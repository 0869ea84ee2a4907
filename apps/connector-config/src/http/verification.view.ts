import { Type } from 'class-transformer';
import { IsBoolean, IsInt, IsISO8601, IsOptional, IsString, ValidateNested } from 'class-validator';
import type { Verification, VerificationStep } from '../domain/verification.ts';

export class VerificationStepView implements VerificationStep {
  @IsString() step!: string;
  @IsBoolean() ok!: boolean;
  /** What went wrong: a machine code such as `password` or `currency`. */
  @IsOptional() @IsString() cause?: string;
  /** The connector's field to mend. */
  @IsOptional() @IsString() field?: string;
  @IsString() detail!: string;
  /** What to do next. */
  @IsOptional() @IsString() mend?: string;
  /** CMP's own, for its support. */
  @IsOptional() @IsString() correlationId?: string;
  @IsInt() ms!: number;
}

/** How Verify Connectivity went, step by step; it stops at the first step that fails. */
export class VerificationView implements Verification {
  @IsBoolean() ok!: boolean;
  @ValidateNested({ each: true }) @Type(() => VerificationStepView) steps!: VerificationStepView[];
  @IsISO8601() checkedAt!: string;
}
