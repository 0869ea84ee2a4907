import { isISO8601, IsString, isUUID, ValidateBy } from 'class-validator';

/** Where a replay begins. */
export class Replay {
  /** A time (ISO 8601): everything said at or after it. Or an event's id: this event and everything that came after it. */
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
