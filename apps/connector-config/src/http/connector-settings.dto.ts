import { applyDecorators } from '@nestjs/common';
import { IsInt, IsOptional, Matches, Max, Min } from 'class-validator';
import { isoPeriod } from '@isthmus/contracts';
import { IfGiven } from '@isthmus/service-kit';
import { OrNull } from './or-null.ts';

const sixtyDays = 60 * 24 * 60;
const Minutes = () => applyDecorators(IfGiven(), Min(0), Max(sixtyDays), IsInt());

/** Minutes between two readings of CMP; 0 turns that reading off, what is left out stays as it is. */
export class ScheduleSettings {
  /** New and open orders; 5 unless set. */
  @Minutes() tickMinutes?: number;
  /** All subscriptions; 60 unless set. */
  @Minutes() sweepMinutes?: number;
  /** All provider accounts; 1440 unless set. */
  @Minutes() accountsMinutes?: number;
}

const Calls = () => applyDecorators(IsOptional(), Min(1), Max(1_000_000), IsInt(), OrNull());

/** Calls CMP allows the subscription key; null when nobody knows, what is left out stays as it is. */
export class CallLimitSettings {
  /** 60 unless set. */
  @Calls() perMinute?: number | null;
  /** 5000 unless set. */
  @Calls() perDay?: number | null;
}

const Term = () =>
  applyDecorators(
    IsOptional(),
    Matches(isoPeriod, { message: '$property must be a term such as P1M, P1Y or P3Y' }),
    OrNull(),
  );

/**
 * Which term is meant when a request of Work 365 names only how often is billed. null: such a request is refused; what is
 * left out stays as it is.
 */
export class TermOfFrequencySettings {
  @Term() monthly?: string | null;
  @Term() annual?: string | null;
  @Term() triennial?: string | null;
}
