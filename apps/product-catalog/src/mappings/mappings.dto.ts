import { IfGiven, isoTime, isoTimeOrNull, OrNull } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import { PartNumberPlace } from '../part-numbers/part-numbers.dto.ts';
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
