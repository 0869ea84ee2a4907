import { isoTime, isoTimeOrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsObject,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import type { Attempt } from '../delivering/attempt.ts';
import { deliveryStatuses, type DeliveryStatus } from '../domain/delivery.entity.ts';
import type { AttemptRow, DeliveryRow } from '../persistence/queries/deliveries.query.ts';

export class DeliveryView {
  @IsUUID() id!: string;
  @IsUUID() endpointId!: string;
  /** The `webhook-id` of every attempt. */
  @IsUUID() eventId!: string;
  @IsString() eventType!: string;
  /** What the event is about. */
  @IsString() subject!: string;
  /** `undelivered`: its attempts ran out, or the endpoint was disabled. */
  @IsIn(deliveryStatuses) status!: DeliveryStatus;
  @IsInt() attempts!: number;
  @IsOptional() @IsISO8601() lastAttemptAt!: string | null;
  /** What the endpoint answered last; null when it did not, and then `lastError` says why. */
  @IsOptional() @IsInt() lastStatus!: number | null;
  @IsOptional() @IsString() lastError!: string | null;
  /** Null when there will be none. */
  @IsOptional() @IsISO8601() nextAttemptAt!: string | null;
  @IsISO8601() createdAt!: string;
}

/** One request, the signature left out, and what came back. */
export class AttemptView {
  @IsISO8601() at!: string;
  @IsInt() durationMs!: number;
  @IsString() url!: string;
  @IsObject() requestHeaders!: Record<string, string>;
  /** Null when there was no answer; then `error` says why. */
  @IsOptional() @IsInt() status!: number | null;
  @IsOptional() @IsString() error!: string | null;
  /** The first 1024 bytes of the answer's body. */
  @IsOptional() @IsString() responseHead!: string | null;
}

export class NumberedAttemptView extends AttemptView {
  @IsInt() number!: number;
}

export class DeliveryLogView extends DeliveryView {
  /** The body of the request: a CloudEvent as JSON. */
  @IsString() body!: string;
  /** The latest first, at most a hundred. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => NumberedAttemptView) log!: NumberedAttemptView[];
}

export const showDelivery = ({ createdAtText: _, ...row }: DeliveryRow): DeliveryView => ({
  ...row,
  lastAttemptAt: isoTimeOrNull(row.lastAttemptAt),
  nextAttemptAt: row.status === 'pending' ? isoTime(row.nextAttemptAt) : null,
  createdAt: isoTime(row.createdAt),
});

export const showLogged = (row: AttemptRow): NumberedAttemptView => ({ ...row, at: isoTime(row.at) });

export const showAttempt = (attempt: Attempt): AttemptView => ({
  at: attempt.at.toISOString(),
  durationMs: attempt.durationMs,
  url: attempt.url,
  requestHeaders: attempt.requestHeaders,
  status: attempt.status ?? null,
  error: attempt.error ?? null,
  responseHead: attempt.responseHead ?? null,
});
