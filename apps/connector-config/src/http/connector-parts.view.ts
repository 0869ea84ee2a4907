import { IsBoolean, IsInt, IsISO8601, IsString } from 'class-validator';
import type { CallLimit, Schedule } from '../domain/connector-settings.ts';
import type { Pause } from '../domain/pause.ts';
import { OrNull } from './or-null.ts';

/** Minutes between two readings of CMP; 0 means never. */
export class ScheduleView implements Schedule {
  @IsInt() tickMinutes!: number;
  @IsInt() sweepMinutes!: number;
  @IsInt() accountsMinutes!: number;
}

/** Calls CMP allows the subscription key; null where it is not known. */
export class CallLimitView implements CallLimit {
  @OrNull() @IsInt() perMinute!: number | null;
  @OrNull() @IsInt() perDay!: number | null;
}

/** ISO 8601 periods; null where a request that names only this frequency is refused. */
export class TermOfFrequencyView {
  @OrNull() @IsString() monthly!: string | null;
  @OrNull() @IsString() annual!: string | null;
  @OrNull() @IsString() triennial!: string | null;
}

/** Who attested to being the partner of record of this connector's customers. */
export class AttestationView {
  @IsString() by!: string;
  @IsISO8601() at!: string;
}

/** Why a connector is at rest. */
export class PauseView implements Pause {
  @IsISO8601() since!: string;
  @IsString() by!: string;
  /** True when a service paused it because of what CMP answered. */
  @IsBoolean() automatic!: boolean;
  @IsString() cause!: string;
  @IsString() detail!: string;
  @IsString() nextStep!: string;
}
