import { Type } from 'class-transformer';
import { IsISO8601, IsNumber, IsOptional, IsString, ValidateNested } from 'class-validator';
import { Model, ModelRef } from './model.dto.ts';
import { Pricing } from './subscription.dto.ts';

export class NonRecurringItem extends Model {
  @IsOptional() @IsString() partNumber!: string | null;
  @IsOptional() @IsString() friendlyName!: string | null;
  @IsOptional() @IsString() description!: string | null;
  @IsOptional() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @IsNumber() quantity!: number;
  @IsOptional() @ValidateNested() @Type(() => Pricing) pricing!: Pricing | null;
  @IsOptional() @IsISO8601() effectiveDate!: string | null;
  @IsOptional() @IsISO8601() expiryDate!: string | null;
}
