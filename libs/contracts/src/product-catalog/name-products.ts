import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsIn,
  IsOptional,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { isoPeriod } from './product-facts.ts';

/** A product as a subscription or an invoice line shows it. */
export class ProductToNameV1 {
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  /** CMP's id of it (PRD…), where it is known. */
  @IsOptional() @Length(0, 255) cmpProductId?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** The part number it was ordered by: shown as it is written here for as long as it means this product. */
  @IsOptional() @Length(1, 600) orderedAs?: string;
}

export const nameSources = ['order', 'alias', 'product'] as const;
export type NameSource = (typeof nameSources)[number];

/** The part number to show for a product. */
export class ProductNameV1 {
  /** Absent when vendor and mpn cannot stand in a part number. */
  @IsOptional() @Length(1, 600) partNumber?: string;
  /** Whether it is the one ordered by, the product's alias, or vendor and mpn. */
  @IsIn(nameSources) by!: NameSource;
}

export class NamedProducts {
  /** In the order asked. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => ProductNameV1) names!: ProductNameV1[];
}

@Ask({
  subject: 'ask.product-catalog.name-products',
  service: 'product-catalog',
  summary: 'The part number to show for each of up to 500 products; one round trip for all.',
})
export class NameProducts {
  static readonly answer = NamedProducts;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(500)
  @ValidateNested({ each: true })
  @Type(() => ProductToNameV1)
  products!: ProductToNameV1[];
}
