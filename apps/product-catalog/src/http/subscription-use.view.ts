import { IsInt, IsNumber, IsOptional, IsString, IsUUID } from 'class-validator';
import type { SubscriptionUseRow } from '../persistence/queries/subscription-uses.query.ts';

/** A line of a live provider subscription. */
export class SubscriptionUseView {
  @IsUUID() providerSubscriptionId!: string;
  @IsInt() line!: number;
  @IsString() cmpSubscriptionId!: string;
  @IsOptional() @IsUUID() providerAccountId!: string | null;
  @IsString() partNumber!: string;
  @IsOptional() @IsString() billingPeriod!: string | null;
  @IsOptional() @IsString() term!: string | null;
  /** CMP's id of the line's product. */
  @IsString() cmpProductId!: string;
  @IsString() name!: string;
  @IsNumber() quantity!: number;
  /** CMP's word. */
  @IsString() status!: string;
}

export const showUse = (row: SubscriptionUseRow): SubscriptionUseView => ({
  ...row,
  billingPeriod: row.billingPeriod || null,
  term: row.term || null,
});
