import { applyDecorators } from '@nestjs/common';
import { IsInt, IsOptional, Max, Min } from 'class-validator';
import { OrNull } from './or-null.ts';

const Calls = () => applyDecorators(IsOptional(), Min(1), Max(1_000_000), IsInt(), OrNull());

/** Calls CMP allows the subscription key; null when nobody knows, what is left out stays as it is. */
export class CallLimitSettings {
  /** 60 unless set. */
  @Calls() perMinute?: number | null;
  /** 5000 unless set. */
  @Calls() perDay?: number | null;
}
