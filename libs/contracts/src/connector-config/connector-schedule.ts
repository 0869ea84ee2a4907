import { IsInt, Min } from 'class-validator';

/** How often a connector is read, in minutes; 0 turns that reading off. */
export class ConnectorScheduleV1 {
  @IsInt() @Min(0) tickMinutes!: number;
  @IsInt() @Min(0) sweepMinutes!: number;
  @IsInt() @Min(0) accountsMinutes!: number;
}
