import { IsString, Length } from 'class-validator';
import { IfGiven } from './if-given.ts';

export class PauseRequest {
  /** Shown to whoever wonders why nothing is read. */
  @IfGiven() @IsString() @Length(1, 500) reason?: string;
}
