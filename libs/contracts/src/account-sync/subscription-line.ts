import { Type } from 'class-transformer';
import { IsNumber, IsOptional, Length, ValidateNested } from 'class-validator';
import { MoneyV1 } from '../money.ts';

/** One product within a provider subscription. */
export class SubscriptionLineV1 {
  @Length(0, 255) mpn!: string;
  @Length(0, 255) vendor!: string;
  @Length(0, 255) productId!: string;
  @Length(0, 500) name!: string;
  @IsNumber() quantity!: number;
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitPrice?: MoneyV1;
  @IsOptional() @ValidateNested() @Type(() => MoneyV1) unitCost?: MoneyV1;
  @IsOptional() @Length(1, 255) vendorSubscriptionId?: string;
}
