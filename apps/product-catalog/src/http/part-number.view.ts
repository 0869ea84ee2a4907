import { isoTime } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  ValidateNested,
} from 'class-validator';
import { mappingStates, type MappingState } from '../domain/known-part-number.entity.ts';
import type { PartNumberRow, StateCount } from '../persistence/queries/part-numbers.query.ts';

export class PartNumberView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() partNumber!: string;
  /** The periods it is used with; null where they are left open. */
  @IsOptional() @IsString() billingPeriod!: string | null;
  @IsOptional() @IsString() term!: string | null;
  @IsIn(mappingStates) state!: MappingState;
  /** The product it resolves to. */
  @IsOptional() @IsUUID() productId!: string | null;
  /** Whether a person's mapping decided, or the rule. */
  @IsOptional() @IsIn(['mapping', 'rule']) decidedBy!: 'mapping' | 'rule' | null;
  @IsInt() candidateCount!: number;
  @IsOptional() @IsString() reason!: string | null;
  @IsOptional() @IsString() seenName!: string | null;
  /** Live provider subscriptions that use it. */
  @IsInt() subscriptions!: number;
  @IsISO8601() firstSeenAt!: string;
  @IsISO8601() judgedAt!: string;
}

export class StateCountView {
  @IsIn(mappingStates) state!: MappingState;
  @IsInt() partNumbers!: number;
  @IsInt() subscriptions!: number;
}

/** Every state once, also those without any. */
export class PartNumberCounts {
  @IsArray() @ValidateNested({ each: true }) @Type(() => StateCountView) data!: StateCountView[];
}

export const showPartNumber = ({ key: _, ...row }: PartNumberRow): PartNumberView => ({
  ...row,
  billingPeriod: row.billingPeriod || null,
  term: row.term || null,
  firstSeenAt: isoTime(row.firstSeenAt),
  judgedAt: isoTime(row.judgedAt),
});

export const showCounts = (counts: readonly StateCount[]): PartNumberCounts => ({
  data: mappingStates.map(
    (state) => counts.find((one) => one.state === state) ?? { state, partNumbers: 0, subscriptions: 0 },
  ),
});
