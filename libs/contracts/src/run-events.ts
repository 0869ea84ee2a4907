import { Type } from 'class-transformer';
import {
  IsDefined,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsUUID,
  Length,
  MaxLength,
  Min,
  ValidateBy,
  ValidateNested,
} from 'class-validator';

/** The reason why a run did not complete, machine- and human-readable. */
export class SyncRunFailureV1 {
  @Length(1, 100) code!: string;
  @MaxLength(2000) detail!: string;
  @MaxLength(2000) nextStep!: string;
}

/** Accepts `{ read: 500, changed: 3 }`: an object of which every value is a finite number. */
export const IsCounts = () =>
  ValidateBy({
    name: 'isCounts',
    validator: {
      validate: (value: unknown) =>
        typeof value === 'object' &&
        value !== null &&
        !Array.isArray(value) &&
        Object.values(value).every((count) => Number.isFinite(count)),
      defaultMessage: () => '$property must be an object of numbers',
    },
  });

/**
 * The fields of the three events of a run that reads CMP. Every service that has runs publishes them under its own
 * subjects, with its own scopes and depths.
 */
export function runEventFields<Scope extends string, Depth extends string>(
  scopes: readonly Scope[],
  depths: readonly Depth[],
) {
  abstract class Run {
    @IsUUID() runId!: string;
    @IsUUID() connectorId!: string;
    @IsIn(scopes) scope!: Scope;
    @IsIn(depths) depth!: Depth;
    @IsCounts() counts!: Record<string, number>;
  }

  abstract class Started extends Run {
    @Length(1, 64) status!: string;
  }

  abstract class Held extends Run {
    /** Time since which changes beyond the limits have been awaiting approval. */
    @IsISO8601({ strict: true }) heldSince!: string;
    /** 1 for the first reminder. */
    @IsInt() @Min(1) reminder!: number;
    /** The reason why it waits, and the next step. */
    @IsDefined() @ValidateNested() @Type(() => SyncRunFailureV1) failure!: SyncRunFailureV1;
  }

  abstract class Finished extends Run {
    @Length(1, 64) status!: string;
    @IsOptional() @ValidateNested() @Type(() => SyncRunFailureV1) failure?: SyncRunFailureV1;
  }

  return { Started, Held, Finished };
}
