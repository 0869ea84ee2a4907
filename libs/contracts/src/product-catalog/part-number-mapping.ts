import { IsOptional, IsUUID, Length, Matches } from 'class-validator';
import { isoPeriod } from './product-facts.ts';

/** Which part number, and for which questions: without a period the mapping holds for any. */
export class MappedPartNumberV1 {
  @IsUUID() connectorId!: string;
  @IsUUID() mappingId!: string;
  @Length(1, 600) partNumber!: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** Who did it. */
  @Length(1, 255) by!: string;
  @Length(0, 500) reason!: string;
}
