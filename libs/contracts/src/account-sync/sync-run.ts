import { Length, MaxLength, ValidateBy } from 'class-validator';

export const syncScopes = ['accounts', 'subscriptions', 'orders', 'reports'] as const;
export type SyncScope = (typeof syncScopes)[number];

export const syncDepths = ['incremental', 'full', 'scrub'] as const;
export type SyncDepth = (typeof syncDepths)[number];

/** Why a run did not reach its end, for machines and for people. */
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
