import { IfGiven, IsInstant, isoTime, isoTimeOrNull, MapOf, OrNull, PageQuery } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  isISO8601,
  IsString,
  IsUUID,
  isUUID,
  Length,
  ValidateBy,
  ValidateNested,
} from 'class-validator';
import { shownUrl } from '../endpoints/endpoint-settings.ts';
import type { Attempt } from './attempt.ts';
import type { ListedDelivery } from './deliveries.store.ts';
import { type DeliveryAttempt, type DeliveryStatus, deliveryStatuses } from './delivery.entity.ts';

export class DeliveryQuery extends PageQuery {
  @IfGiven() @IsIn(deliveryStatuses) status?: DeliveryStatus;
  /** In full. */
  @IfGiven() @IsString() @Length(1, 200) eventType?: string;
  /** Made at or after. */
  @IfGiven() @IsInstant() since?: string;
}

export class DeliveryView {
  @IsUUID() id!: string;
  @IsUUID() endpointId!: string;
  /** The `webhook-id` of every attempt. */
  @IsUUID() eventId!: string;
  @IsString() eventType!: string;
  /** The subject of the event. */
  @IsString() subject!: string;
  /** `undelivered`: its attempts ran out, or the endpoint was disabled. */
  @IsIn(deliveryStatuses) status!: DeliveryStatus;
  @IsInt() attempts!: number;
  @OrNull() @IsISO8601() lastAttemptAt!: string | null;
  /** The last response of the endpoint; null if there was none, and then `lastError` states why. */
  @OrNull() @IsInt() lastStatus!: number | null;
  @OrNull() @IsString() lastError!: string | null;
  /** Null if there will be none. */
  @OrNull() @IsISO8601() nextAttemptAt!: string | null;
  @IsISO8601() createdAt!: string;
}

/** One request, without the signature, and its result. */
class AttemptView {
  @IsISO8601() at!: string;
  @IsInt() durationMs!: number;
  /** Its query, if it has one, is shown as `***`. */
  @IsString() url!: string;
  @MapOf('string') requestHeaders!: Record<string, string>;
  /** Null if there was no response; then `error` states why. */
  @OrNull() @IsInt() status!: number | null;
  @OrNull() @IsString() error!: string | null;
  /** The first 1024 bytes of the response body. */
  @OrNull() @IsString() responseHead!: string | null;
}

class NumberedAttemptView extends AttemptView {
  @IsInt() number!: number;
}

export class DeliveryLogView extends DeliveryView {
  /** The body of the request: a CloudEvent as JSON. */
  @IsString() body!: string;
  /** The latest first, at most a hundred. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => NumberedAttemptView) log!: NumberedAttemptView[];
}

export class TestView extends AttemptView {
  /** Whether the endpoint responded with a 2xx. */
  @IsBoolean() delivered!: boolean;
}

/** The start of a replay. */
export class Replay {
  /** A time (ISO 8601): everything published at or after it. Or an event's id: this event and everything after it. */
  @IsString()
  @ValidateBy({
    name: 'isTimeOrEventId',
    validator: {
      validate: (value: unknown) => isUUID(value) || isISO8601(value, { strict: true }),
      defaultMessage: () => 'since must be a time such as 2026-11-22T09:00:00Z, or the id of an event',
    },
  })
  since!: string;
}

/** What of the missed events is sent again. */
export class Recover {
  /** Only those published at or after this time. Left out: all that are still stored. */
  @IfGiven() @IsInstant() since?: string;
}

export class QueuedView {
  /** Number of deliveries that will be made. */
  @IsInt() queued!: number;
}

export const toDeliveryView = (delivery: ListedDelivery): DeliveryView => ({
  id: delivery.id,
  endpointId: delivery.endpointId,
  eventId: delivery.eventId,
  eventType: delivery.eventType,
  subject: delivery.subject,
  status: delivery.status,
  attempts: delivery.attempts,
  lastAttemptAt: isoTimeOrNull(delivery.lastAttemptAt),
  lastStatus: delivery.lastStatus,
  lastError: delivery.lastError,
  nextAttemptAt: delivery.status === 'pending' ? isoTime(delivery.nextAttemptAt) : null,
  createdAt: isoTime(delivery.createdAt),
});

export const toLoggedAttempt = (attempt: DeliveryAttempt): NumberedAttemptView => ({
  number: attempt.number,
  ...toAttemptView(attempt),
});

export const toAttemptView = (attempt: Attempt | DeliveryAttempt): AttemptView => ({
  at: attempt.at.toISOString(),
  durationMs: attempt.durationMs,
  url: shownUrl(attempt.url),
  requestHeaders: attempt.requestHeaders,
  status: attempt.status ?? null,
  error: attempt.error ?? null,
  responseHead: attempt.responseHead ?? null,
});
