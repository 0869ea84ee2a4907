import { Type } from 'class-transformer';
import { IsDefined, IsInt, Max, Min, ValidateIf, ValidateNested } from 'class-validator';

const isOn = (_: object, value: unknown): boolean => value !== null;

/** Thresholds from which an order needs more than its request. Null: no limit of this kind. */
export class OrderLimitsV1 {
  /** Seats that an order adds, together with what was added there within a day. */
  @ValidateIf(isOn) @IsInt() @Min(1) @Max(1_000_000) seats!: number | null;
  /** The new total of a subscription in percent of the seats it has: 300 is three times as many. */
  @ValidateIf(isOn) @IsInt() @Min(101) @Max(1_000_000) percent!: number | null;
  /** The percentage applies only to orders that add at least this many seats. */
  @IsInt() @Min(1) @Max(1_000_000) percentFromSeats!: number;
  /** Cost of the added seats in a year, in the order's currency. */
  @ValidateIf(isOn) @IsInt() @Min(1) @Max(1_000_000_000_000) yearlyAmount!: number | null;
  /** New subscriptions of the connector within an hour, this one included. */
  @ValidateIf(isOn) @IsInt() @Min(1) @Max(1_000_000) purchasesPerHour!: number | null;
}

/** The orders of a connector that need a quote, and those that need the approval of another user. */
export class OrderGuardV1 {
  /** Callers that cannot get a quote, such as Work 365, need an approval instead. */
  @IsDefined() @ValidateNested() @Type(() => OrderLimitsV1) quoteFrom!: OrderLimitsV1;
  @IsDefined() @ValidateNested() @Type(() => OrderLimitsV1) approvalFrom!: OrderLimitsV1;
  /** Number of days after which an order awaiting approval expires. */
  @IsInt() @Min(1) @Max(90) approvalDays!: number;
}

/** Units of a currency that are worth about one dollar, if it is a hundred or more; rounded to a power of ten. */
const smallUnits: Readonly<Record<string, number>> = {
  ...{ CRC: 100, HUF: 100, INR: 100, ISK: 100, JPY: 100 },
  ...{ CLP: 1_000, COP: 1_000, KRW: 1_000 },
  ...{ IDR: 10_000, VND: 10_000 },
};

/**
 * The default unless a user sets something else. Amounts are not converted: 25,000 applies in any currency, except for those with
 * so small a unit that it would stop every order.
 */
export function defaultOrderGuard(currency: string | null): OrderGuardV1 {
  const units = smallUnits[currency ?? ''] ?? 1;
  const limits = (times: number): OrderLimitsV1 => ({
    seats: 250 * times,
    percent: 300 * times,
    percentFromSeats: 50 * times,
    yearlyAmount: 25_000 * times * units,
    purchasesPerHour: 100 * times,
  });
  return { quoteFrom: limits(1), approvalFrom: limits(10), approvalDays: 7 };
}
