import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsOptional,
  IsUUID,
  Length,
  Matches,
  ValidateNested,
} from 'class-validator';
import { Ask } from '../ask-contract.ts';
import { isoPeriod } from './product-facts.ts';
import { PartNumberResolutionV1 } from './resolution.ts';

export class PartNumberQuestionV1 {
  /** `INGRAM:vendorID:mpn`; what is no part number is answered as unknown, with what is wrong with it. */
  @Length(1, 600) partNumber!: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
}

export class ResolvedPartNumbers {
  /** In the order asked. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => PartNumberResolutionV1)
  answers!: PartNumberResolutionV1[];
}

@Ask({
  subject: 'ask.product-catalog.resolve-part-number',
  service: 'product-catalog',
  summary: 'Which product each of up to 200 part numbers is, or why none; one round trip for all.',
})
export class ResolvePartNumber {
  static readonly answer = ResolvedPartNumbers;
  @IsUUID() tenantId!: string;
  @IsUUID() connectorId!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(200)
  @ValidateNested({ each: true })
  @Type(() => PartNumberQuestionV1)
  questions!: PartNumberQuestionV1[];
}
