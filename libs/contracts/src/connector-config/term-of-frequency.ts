import { IsOptional, Matches } from 'class-validator';
import { isoPeriod } from '../product-catalog/product-facts.ts';

/** Which term is meant when a request of Work 365 names only how often is billed. A frequency that is absent is refused. */
export class TermOfFrequencyV1 {
  @IsOptional() @Matches(isoPeriod) monthly?: string;
  @IsOptional() @Matches(isoPeriod) annual?: string;
  @IsOptional() @Matches(isoPeriod) triennial?: string;
}
