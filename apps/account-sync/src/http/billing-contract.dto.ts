import { PageQuery, IfGiven, QueryFlag } from '@isthmus/service-kit';
import { IsBoolean, IsOptional, IsString, Length } from 'class-validator';
import { IsCalendarDate } from './is-calendar-date.ts';
import { IsCurrency } from './is-currency.ts';

export class CreateBillingContract {
  @IsString() @Length(1, 64) tenantAccountId!: string;
  @IsString() @Length(1, 200) name!: string;
  /** That of the connector of at least one linked provider account. */
  @IsCurrency() currency!: string;
  @IsCalendarDate() startDate!: string;
  /** The last day; none for a contract without an end. */
  @IsOptional() @IsCalendarDate() endDate?: string | null;
  /** Newly synced subscriptions land on the default. The first contract of a tenant account is it unless told otherwise. */
  @IfGiven() @IsBoolean() isDefault?: boolean;
}

/** What is left out stays as it is. */
export class ChangeBillingContract {
  @IfGiven() @IsString() @Length(1, 200) name?: string;
  @IfGiven() @IsCurrency() currency?: string;
  @IfGiven() @IsCalendarDate() startDate?: string;
  /** null: without an end. */
  @IsOptional() @IsCalendarDate() endDate?: string | null;
  /** `true` takes it over from the contract that has it. */
  @IfGiven() @IsBoolean() isDefault?: boolean;
}

export class BillingContractQuery extends PageQuery {
  @IfGiven() @IsString() @Length(1, 64) tenantAccountId?: string;
  @IfGiven() @QueryFlag() isDefault?: boolean;
}
