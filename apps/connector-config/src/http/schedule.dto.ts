import { applyDecorators } from '@nestjs/common';
import { IsInt, Max, Min } from 'class-validator';
import { IfGiven } from './if-given.ts';

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
