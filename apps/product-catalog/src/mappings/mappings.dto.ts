import { IfGiven, isoTime, isoTimeOrNull, OrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { PartNumberPlace } from '../part-numbers/part-numbers.dto.ts';
import { type DecisionResult, decisionOutcomes, type RequestedDecision } from './mapping-decisions.store.ts';
import { type MappingSource, mappingSources, type PartNumberMapping } from './mapping.entity.ts';

export class MapPartNumber {
  /** null: the part number is excluded. */
  @OrNull() @IsUUID() productId!: string | null;
  /** A note for later readers. */
  @IfGiven() @IsString() @Length(0, 500) reason: string = '';
  /** `suggestion` if the product was picked from the suggestions. */
  @IfGiven() @IsIn(['person', 'suggestion']) source: 'person' | 'suggestion' = 'person';
}

export class PreviewMapping {
  @OrNull() @IsUUID() productId!: string | null;
}

export class UnmapQuery extends PartNumberPlace {
  @IfGiven() @IsString() @Length(0, 500) reason: string = '';
}

export class MappingView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() partNumber!: string;
  /** The questions it holds for; null for any. */
  @OrNull() @IsString() billingPeriod!: string | null;
  @OrNull() @IsString() term!: string | null;
  @IsBoolean() excluded!: boolean;
  @OrNull() @IsUUID() productId!: string | null;
  /** Reads show the product by this part number. */
  @IsBoolean() alias!: boolean;
  /** The number in the ETag. */
  @IsInt() version!: number;
  @IsIn(mappingSources) source!: MappingSource;
  @IsString() reason!: string;
  @IsString() mappedBy!: string;
  @IsISO8601() mappedAt!: string;
  /** Absent while it is active. */
  @OrNull() @IsString() endedBy!: string | null;
  @OrNull() @IsISO8601() endedAt!: string | null;
  @OrNull() @IsString() endReason!: string | null;
}

/** Newest first. */
export class MappingHistory {
  @IsArray() @ValidateNested({ each: true }) @Type(() => MappingView) data!: MappingView[];
}

export const toMapping = ({
  tenantId: _,
  partNumberKey: _key,
  ...mapping
}: PartNumberMapping): MappingView => ({
  ...mapping,
  billingPeriod: mapping.billingPeriod || null,
  term: mapping.term || null,
  excluded: mapping.productId === null,
  mappedAt: isoTime(mapping.mappedAt),
  endedAt: isoTimeOrNull(mapping.endedAt),
});

const decisionActions = ['map', 'exclude', 'unmap'] as const;

class MappingToMake extends PartNumberPlace implements RequestedDecision {
  @IsString() @Length(1, 500) partNumber!: string;
  @IsIn(decisionActions) action: (typeof decisionActions)[number] = 'map';
  /** For `map` only. */
  @ValidateIf(({ action, productId }: MappingToMake) => action === 'map' || productId !== undefined)
  @IsUUID()
  productId?: string;
}

/** Part numbers that wait for a decision and have a suggestion that leaves no doubt. */
class SureMappings {
  @IfGiven() @IsUUID() connectorId?: string;
}

export const mostMappings = 500;

/** Decisions by name, or by what is suggested. */
export class MapPartNumbers {
  /** At most 500. */
  @ValidateIf(({ suggested }: MapPartNumbers) => suggested === undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostMappings)
  @ArrayUnique(({ connectorId, partNumber, billingPeriod, term }: MappingToMake) =>
    JSON.stringify([connectorId, partNumber, billingPeriod, term]),
  )
  @ValidateNested({ each: true })
  @Type(() => MappingToMake)
  rows?: MappingToMake[];
  /** Instead of rows: the suggestions that are sure, of the 500 part numbers that most subscriptions wait for. */
  @IfGiven() @ValidateNested() @Type(() => SureMappings) suggested?: SureMappings;
  /** A note for later readers, with each. */
  @IfGiven() @IsString() @Length(0, 500) reason: string = '';
  /** `suggestion` if the products of the rows were picked from the suggestions. */
  @IfGiven() @IsIn(['person', 'suggestion']) source: 'person' | 'suggestion' = 'person';
  /** Nothing is changed: the results say what would be. */
  @IsBoolean() dryRun: boolean = false;
}

class MappingResultView implements DecisionResult {
  @IsUUID() connectorId!: string;
  @IsString() partNumber!: string;
  @IsOptional() @IsString() billingPeriod?: string;
  @IsOptional() @IsString() term?: string;
  @IsIn(decisionActions) action!: DecisionResult['action'];
  @IsOptional() @IsUUID() productId?: string;
  @IsIn(decisionOutcomes) outcome!: DecisionResult['outcome'];
  /** Why it is refused. */
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() detail?: string;
  @IsOptional() @IsString() nextStep?: string;
}

export class MappingResultsView {
  /** Nothing was changed; it is what would be. */
  @IsBoolean() dryRun!: boolean;
  @IsInt() mapped!: number;
  @IsInt() excluded!: number;
  @IsInt() unmapped!: number;
  @IsInt() unchanged!: number;
  @IsInt() refused!: number;
  /** One per row, in the order of the request. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => MappingResultView) results!: MappingResultView[];
}

export function toMappingResults(results: DecisionResult[], dryRun: boolean): MappingResultsView {
  const counts = { mapped: 0, excluded: 0, unmapped: 0, unchanged: 0, refused: 0 };
  for (const { outcome } of results) counts[outcome] += 1;
  return { dryRun, ...counts, results };
}
