import { Type } from 'class-transformer';
import {
  IsArray,
  IsNumber,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { MoneyV1 } from '../money.ts';
import { isoPeriod } from './product-facts.ts';

/** A product that CMP adds to an order by itself when it is missing. */
export class NeededProductV1 {
  @IsOptional() @IsString() mpn?: string;
  @IsOptional() @IsString() id?: string;
}

/** A product with what an order line needs. */
export class ResolvedProductV1 {
  /** Our id. */
  @IsUUID() productId!: string;
  /** CMP's id (PRD…); absent where CMP shows none, then vendor, mpn and both periods name it. */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) mpn!: string;
  @Length(0, 500) name!: string;
  @IsOptional() @Length(0, 255) serviceName?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  @IsOptional() @IsString() billingModel?: string;
  @IsOptional() @IsNumber() minimum?: number;
  @IsOptional() @IsNumber() maximum?: number;
  /** Recurring, of the first tier. */
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice?: MoneyV1;
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitCost?: MoneyV1;
  @IsArray() @ValidateNested({ each: true }) @Type(() => NeededProductV1) dependsOn!: NeededProductV1[];
}
