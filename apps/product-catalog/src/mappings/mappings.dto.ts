import { IfGiven, isoTime, isoTimeOrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
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
import { type MappingSource, mappingSources, type PartNumberMapping } from './mapping.entity.ts';

export class MapPartNumber {
  /** null: the part number is excluded. */
  @ValidateIf(({ productId }: MapPartNumber) => productId !== null) @IsUUID() productId!: string | null;
  /** A note for later readers. */
  @IfGiven() @IsString() @Length(0, 500) reason: string = '';
  /** `suggestion` if the product was picked from the suggestions. */
  @IfGiven() @IsIn(['person', 'suggestion']) source: 'person' | 'suggestion' = 'person';
}

export class PreviewMapping {
  @ValidateIf(({ productId }: PreviewMapping) => productId !== null) @IsUUID() productId!: string | null;
}

export class UnmapQuery extends PartNumberPlace {
  @IfGiven() @IsString() @Length(0, 500) reason: string = '';
}

export class MappingView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  @IsString() partNumber!: string;
  /** The questions it holds for; null for any. */
  @IsOptional() @IsString() billingPeriod!: string | null;
  @IsOptional() @IsString() term!: string | null;
  @IsBoolean() excluded!: boolean;
  @IsOptional() @IsUUID() productId!: string | null;
  /** Reads show the product by this part number. */
  @IsBoolean() alias!: boolean;
  /** The number in the ETag. */
  @IsInt() version!: number;
  @IsIn(mappingSources) source!: MappingSource;
  @IsString() reason!: string;
  @IsString() mappedBy!: string;
  @IsISO8601() mappedAt!: string;
  /** Absent while it is active. */
  @IsOptional() @IsString() endedBy!: string | null;
  @IsOptional() @IsISO8601() endedAt!: string | null;
  @IsOptional() @IsString() endReason!: string | null;
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
