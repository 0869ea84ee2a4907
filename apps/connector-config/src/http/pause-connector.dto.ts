import { IsString, Length } from 'class-validator';
import { IfGiven } from '@isthmus/service-kit';

export class PauseRequest {
  /** Shown to whoever wonders why nothing is read. */
  @IfGiven() @IsString() @Length(1, 500) reason?: string;
}
