import { Type } from 'class-transformer';
import {
  ArrayMinSize,
  IsArray,
  IsISO8601,
  IsNumber,
  IsOptional,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { Event } from '../event-contract.ts';
import { ProductFactsV1 } from './product-facts.ts';

const decimal = /^-?\d{1,30}(\.\d{1,20})?$/;

/** One line of a price list: what a unit costs the customer, and what it costs the reseller. */
export class PriceV1 {
  @IsOptional() @Matches(decimal) amount?: string;
  @IsOptional() @Matches(decimal) cost?: string;
}

/** Without `from` the line is new, without `to` it is no longer offered. */
export class PriceChangeV1 {
  @Matches(/^[A-Z]{3}$/) currency!: string;
  /** `recurring`, `setup` or `overuse`. */
  @Length(0, 64) type!: string;
  /** The quantity from which it holds. */
  @IsNumber() lowerLimit!: number;
  @IsOptional() @ValidateNested() @Type(() => PriceV1) from?: PriceV1;
  @IsOptional() @ValidateNested() @Type(() => PriceV1) to?: PriceV1;
}

@Event({
  subject: 'product-catalog.price-changed.v1',
  producer: 'product-catalog',
  aggregate: 'price-list',
  summary: 'CMP asks another price or cost for a product: from, to, and since when that was seen.',
})
export class PriceChangedV1 extends ProductFactsV1 {
  @IsArray()
  @ArrayMinSize(1)
  @ValidateNested({ each: true })
  @Type(() => PriceChangeV1)
  changes!: PriceChangeV1[];
  /** When the new price was first read; CMP does not say since when it holds. */
  @IsISO8601({ strict: true }) since!: string;
}
