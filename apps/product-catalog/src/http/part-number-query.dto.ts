import { isoPeriod } from '@isthmus/contracts';
import { IfGiven, PageQuery } from '@isthmus/service-kit';
import { IsIn, IsString, IsUUID, Length, Matches } from 'class-validator';
import { mappingStates, type MappingState } from '../domain/known-part-number.entity.ts';

const periodMessage = { message: '$property must be a period such as P1M, P1Y or P3Y' };

/** Which catalogue, and which questions: a period left out is any. */
export class PartNumberPlace {
  @IsUUID() connectorId!: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) billingPeriod?: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) term?: string;
}

export class SuggestionQuery extends PartNumberPlace {
  /** A product name that came with it; otherwise the one seen on subscriptions. */
  @IfGiven() @IsString() @Length(1, 500) name?: string;
}

export class PartNumberQuery extends PageQuery {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsIn(mappingStates) state?: MappingState;
  /** Part of the part number or of a product name seen with it. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
}

export class PartNumberUseQuery extends PageQuery {
  @IsUUID() connectorId!: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) billingPeriod?: string;
  @IfGiven() @Matches(isoPeriod, periodMessage) term?: string;
}

export class CountQuery {
  @IfGiven() @IsUUID() connectorId?: string;
}
