import { Type } from 'class-transformer';
import { IsArray, IsIn, IsInt, IsOptional, IsString, Length, ValidateNested } from 'class-validator';
import { ResolvedProductV1 } from './resolved-product.ts';

export const resolutionOutcomes = ['resolved', 'ambiguous', 'unknown', 'excluded'] as const;
export type ResolutionOutcome = (typeof resolutionOutcomes)[number];

export const decidingFacts = ['billingPeriod', 'term', 'mapping'] as const;
export type DecidingFact = (typeof decidingFacts)[number];

/** What became of one part number. Only `resolved` may be ordered. */
export class PartNumberResolutionV1 {
  /** As it was asked. */
  @IsString() partNumber!: string;
  @IsIn(resolutionOutcomes) outcome!: ResolutionOutcome;
  @IsOptional() @ValidateNested() @Type(() => ResolvedProductV1) product?: ResolvedProductV1;
  /** Whether a person's mapping decided, or the rule vendor + mpn. */
  @IsOptional() @IsIn(['mapping', 'rule']) by?: 'mapping' | 'rule';
  /** When ambiguous: what it may be. When unknown: what comes near. At most 8. */
  @IsArray() @ValidateNested({ each: true }) @Type(() => ResolvedProductV1) candidates!: ResolvedProductV1[];
  @IsInt() candidateCount!: number;
  /** Facts that would decide, or that speak against every candidate. */
  @IsArray() @IsIn(decidingFacts, { each: true }) deciding!: DecidingFact[];
  /** Facts of the question in which a mapped product differs: the mapping wins, but whoever orders may want to ask. */
  @IsArray() @IsIn(['billingPeriod', 'term'], { each: true }) differs!: ('billingPeriod' | 'term')[];
  /** Why it is not resolved, or in what it differs from the question, and what to do. */
  @IsOptional() @Length(0, 1000) reason?: string;
}
