import { IsOptional, Length } from 'class-validator';

/** One field that differs. `from` is absent when there was no value before, `to` when there is none any more. */
export class FieldChangeV1 {
  @Length(1, 100) field!: string;
  /** Any JSON value. */
  @IsOptional() from?: unknown;
  /** Any JSON value. */
  @IsOptional() to?: unknown;
}
