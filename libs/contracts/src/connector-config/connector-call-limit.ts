import { IsInt, IsOptional, Min } from 'class-validator';

/** CMP's limit for this subscription key; null where it is not known and has to be found out. */
export class ConnectorCallLimitV1 {
  @IsOptional() @IsInt() @Min(1) perMinute!: number | null;
  @IsOptional() @IsInt() @Min(1) perDay!: number | null;
}
