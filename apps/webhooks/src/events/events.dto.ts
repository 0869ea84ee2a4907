import {
  AnyObject,
  IfGiven,
  IsInstant,
  isoTime,
  OrNull,
  PageQuery,
  QueryList,
  Schema,
} from '@isthmus/service-kit';
import { Transform } from 'class-transformer';
import { IsInt, IsISO8601, IsString, IsUUID, Length } from 'class-validator';
import type { StoredEvent } from './event.entity.ts';

/** Filters that are left out do not apply. */
export class EventFilter {
  /** One or several, in full. */
  @QueryList() @IsString({ each: true }) @Length(1, 200, { each: true }) type?: string[];
}

export class EventQuery extends PageQuery implements EventFilter {
  @QueryList() @IsString({ each: true }) @Length(1, 200, { each: true }) type?: string[];
  /** The id of what it is about. */
  @IfGiven() @IsString() @Length(1, 200) subject?: string;
  /** Everything that one command caused. */
  @IfGiven() @IsString() @Length(1, 128) correlationId?: string;
  /** At or after, and before. */
  @IfGiven() @IsInstant() since?: string;
  @IfGiven() @IsInstant() until?: string;
}

/** An event as it was published. */
export class EventView {
  /** The `webhook-id` of its deliveries. */
  @IsUUID() id!: string;
  /** Order of arrival; where a stream of events begins again. */
  @IsInt() sequence!: number;
  @IsString() source!: string;
  @IsString() type!: string;
  @IsISO8601() time!: string;
  /** The id of what it is about. */
  @IsString() subject!: string;
  /** A consumer may ignore events older than the version it knows. */
  @IsInt() aggregateVersion!: number;
  @IsString() correlationId!: string;
  @OrNull() @IsString() traceId!: string | null;
  /** As the event's contract describes it. */
  @AnyObject() data!: object;
}

export const showEvent = (row: StoredEvent): EventView => ({
  id: row.id,
  sequence: row.sequence,
  source: row.source,
  type: row.type,
  time: isoTime(row.time),
  subject: row.subject,
  aggregateVersion: row.aggregateVersion,
  correlationId: row.correlationId,
  traceId: row.traceparent?.split('-')[1] ?? null,
  data: JSON.parse(row.data) as object,
});

/** The place behind which a stream begins. */
export class StreamStartView {
  @IsInt() sequence!: number;
}

/** A type of event that a subscription may ask for. */
export class EventTypeView {
  @IsString() type!: string;
  /** What has happened when it comes. */
  @IsString() summary!: string;
  /** The service that publishes it. */
  @IsString() producer!: string;
  /** What its subject is the id of. */
  @IsString() aggregate!: string;
  /** JSON Schema of its `data`. Within a version only optional fields are added. */
  @AnyObject() schema!: object;
  /** Such as its `data` may be. */
  @AnyObject() example!: object;
}

/** Whether a text is where a stream can begin: the sequence of an event, or nothing. */
export class StreamQuery extends EventFilter {
  /** The sequence of the last event that was received; events after it come. Left out: only new ones. */
  @IfGiven()
  @Transform(({ value }) => (typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : value))
  @IsInt()
  @Schema({ type: 'integer', minimum: 0 })
  after?: number;
}
