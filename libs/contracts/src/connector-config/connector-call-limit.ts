import { IsInt, Min, ValidateIf } from 'class-validator';

const isKnown = (_: object, value: unknown): boolean => value !== null;

/** CMP's limit for this subscription key; null where it is not known and has to be found out. */
export class ConnectorCallLimitV1 {
  @ValidateIf(isKnown) @IsInt() @Min(1) perMinute!: number | null;
  @ValidateIf(isKnown) @IsInt() @Min(1) perDay!: number | null;
}
