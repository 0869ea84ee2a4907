import { IsOptional, Length, Matches } from 'class-validator';

/**
 * An amount as a decimal string, because a binary number cannot represent 0.10; the currency as three capital letters,
 * including historical ones.
 */
export class MoneyV1 {
  @Matches(/^-?\d{1,30}(\.\d{1,20})?$/) amount!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
}

/** A period as ISO 8601 writes it: P1M, P1Y, P3Y. */
export const isoPeriod = /^P[1-9]\d{0,3}[DMY]$/;

/** An amount or a quantity as a decimal string. */
export const decimal = /^-?\d{1,30}(\.\d{1,20})?$/;

/** One changed field. `from` is absent if there was no value before, `to` if there is none now. */
export class FieldChangeV1 {
  @Length(1, 100) field!: string;
  /** Any JSON value. */
  @IsOptional() from?: unknown;
  /** Any JSON value. */
  @IsOptional() to?: unknown;
}
