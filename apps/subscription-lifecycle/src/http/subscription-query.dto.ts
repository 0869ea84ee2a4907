import { IfGiven, PageQuery } from '@isthmus/service-kit';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { endedFilters, type SubscriptionFilter } from '../persistence/subscription-queries.ts';
import { mostAssigned } from '../persistence/subscriptions.ts';
import { NotWith } from './not-with.ts';

/** What is left out does not narrow; live ones only, unless `ended` or `status` is given. */
export class SubscriptionQuery extends PageQuery implements SubscriptionFilter {
  @IsOptional() @IsUUID() connectorId?: string;
  @IsOptional() @IsUUID() providerAccountId?: string;
  @IsOptional() @IsUUID() billingContractId?: string;
  /** `false`: on no billing contract. */
  @IsOptional() @IsIn(['true', 'false']) assigned?: 'true' | 'false';
  @IsOptional() @IsString() @Length(1, 64) status?: string;
  /** `false`: live ones only, the default; `any`: also those that have ended. */
  @IsOptional() @IsIn(endedFilters) ended?: (typeof endedFilters)[number];
}

export class AssignmentFilter implements SubscriptionFilter {
  @IfGiven() @IsUUID() connectorId?: string;
  @IfGiven() @IsUUID() providerAccountId?: string;
  @IfGiven() @IsUUID() billingContractId?: string;
  @IfGiven() @IsIn(['true', 'false']) assigned?: 'true' | 'false';
  @IfGiven() @IsString() @Length(1, 64) status?: string;
  @IfGiven() @IsIn(endedFilters) ended?: (typeof endedFilters)[number];
}

/** Which subscriptions, by id or by filter, and their contract. */
export class AssignSubscriptions {
  /** null: unassigned. */
  @ValidateIf(({ billingContractId }: AssignSubscriptions) => billingContractId !== null)
  @IsUUID()
  billingContractId!: string | null;
  /** At most 1,000. */
  @ValidateIf(({ filter }: AssignSubscriptions) => filter === undefined)
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(mostAssigned)
  @ArrayUnique()
  @IsUUID('all', { each: true })
  subscriptionIds?: string[];
  @IfGiven()
  @NotWith('subscriptionIds')
  @ValidateNested()
  @Type(() => AssignmentFilter)
  filter?: AssignmentFilter;
  /** Of the answer before, with the same filter. */
  @IfGiven() @IsString() @Length(1, 1000) cursor?: string;
}

export const assignmentOutcomes = ['assigned', 'unassigned', 'unchanged', 'refused'] as const;

export class AssignmentResultView {
  @IsUUID() subscriptionId!: string;
  @IsIn(assignmentOutcomes) outcome!: (typeof assignmentOutcomes)[number];
  /** Of the subscription afterwards; absent of one that is not known. */
  @IsOptional() @IsInt() version?: number;
  /** Why it was refused. */
  @IsOptional() @IsString() code?: string;
  @IsOptional() @IsString() detail?: string;
  @IsOptional() @IsString() nextStep?: string;
}

export class AssignmentsView {
  @IsInt() assigned!: number;
  @IsInt() unassigned!: number;
  @IsInt() unchanged!: number;
  @IsInt() refused!: number;
  /** Of each subscription, in the order asked for. */
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => AssignmentResultView)
  results!: AssignmentResultView[];
  /** To be given back for what else the filter finds; null when that was all. */
  @IsOptional() @IsString() nextCursor!: string | null;
}
