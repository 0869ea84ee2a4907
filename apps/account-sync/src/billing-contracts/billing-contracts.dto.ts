import { CurrencyCode } from '@isthmus/domain';
import { IfGiven, IsDay, isoTime, OrNull, PageQuery, QueryFlag, Schema } from '@isthmus/service-kit';
import { applyDecorators } from '@nestjs/common';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateBy,
} from 'class-validator';
import { type EndedFilter, endedFilters } from '../list-query.ts';
import type { BillingContractRow } from './billing-contracts.store.ts';

/** Three capital letters; whether they are a currency today is not checked. */
function IsCurrency(): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && CurrencyCode.is(value);
  return applyDecorators(
    ValidateBy({
      name: 'isCurrency',
      validator: { validate, defaultMessage: () => '$property must be three letters such as USD' },
    }),
    Schema({ type: 'string', pattern: '^[A-Z]{3}$', description: 'three letters such as USD' }),
  );
}

export class CreateBillingContract {
  @IsString() @Length(1, 64) tenantAccountId!: string;
  @IsString() @Length(1, 200) name!: string;
  /** The currency of the connector of at least one linked provider account. */
  @IsCurrency() currency!: string;
  @IsDay() startDate!: string;
  /** The last day; none for a contract without an end. */
  @IsOptional() @IsDay() endDate?: string | null;
  /**
   * Newly synced subscriptions are assigned to the default. The first contract of a tenant account is the default unless
   * specified otherwise.
   */
  @IfGiven() @IsBoolean() isDefault?: boolean;
}

/** Fields that are left out are not changed. */
export class ChangeBillingContract {
  @IfGiven() @IsString() @Length(1, 200) name?: string;
  @IfGiven() @IsCurrency() currency?: string;
  @IfGiven() @IsDay() startDate?: string;
  /** null: without an end. */
  @IsOptional() @IsDay() endDate?: string | null;
  /** `true` takes it over from the contract that has it. */
  @IfGiven() @IsBoolean() isDefault?: boolean;
}

export class BillingContractQuery extends PageQuery {
  /** Part of the name of the contract or of its tenant account. */
  @IfGiven() @IsString() @Length(1, 200) q?: string;
  @IfGiven() @IsString() @Length(1, 64) tenantAccountId?: string;
  @IfGiven() @QueryFlag() isDefault?: boolean;
  /** `false`: only those of tenant accounts without a default that is in force, or with several. */
  @IfGiven() @QueryFlag() clearDefault?: boolean;
  /** Contracts whose last day is over: `include` (default), `exclude` leaves them out, `only` returns nothing else. */
  @IfGiven() @IsIn(endedFilters) ended?: EndedFilter;
}

export class BillingContractView {
  @IsUUID() id!: string;
  @IsString() tenantAccountId!: string;
  @OrNull() @IsString() tenantAccountName!: string | null;
  @IsString() name!: string;
  @IsString() currency!: string;
  @IsDay() startDate!: string;
  @OrNull() @IsDay() endDate!: string | null;
  @IsBoolean() isDefault!: boolean;
  /** Default contracts of its tenant account that have not ended. Without one, new subscriptions have none that is in force. */
  @IsInt() accountDefaults!: number;
  @IsISO8601() createdAt!: string;
  @IsString() createdBy!: string;
  /** The number in the ETag. */
  @IsInt() version!: number;
}

export function showBillingContract(row: BillingContractRow): BillingContractView {
  return { ...row, createdAt: isoTime(row.createdAt) };
}
