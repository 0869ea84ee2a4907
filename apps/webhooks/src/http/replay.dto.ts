import { IfGiven } from '@isthmus/service-kit';
import { IsISO8601, IsUUID } from 'class-validator';

/** One of the two. */
export class Replay {
  /** Everything said at or after this time. */
  @IfGiven() @IsISO8601({ strict: true }) since?: string;
  /** This event and everything that came after it. */
  @IfGiven() @IsUUID() sinceEventId?: string;
}
