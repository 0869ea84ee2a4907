import { ratedLineKinds, type RatedLineKind } from '@isthmus/contracts';
import { IsIn, IsInt, IsISO8601, IsObject, IsOptional, IsString, IsUUID } from 'class-validator';
import { partNumberOfLine } from '../domain/part-number-of-line.ts';
import type { RatedLineRow } from '../persistence/queries/rated-lines.query.ts';

/** A charge of CMP to the reseller; amounts and quantities are decimals as texts. */
export class RatedLineView {
  @IsUUID() id!: string;
  @IsUUID() connectorId!: string;
  /** Null for what is on no invoice yet. */
  @IsOptional() @IsUUID() invoiceId!: string | null;
  /** Its row in the report that first had it, from 1. */
  @IsInt() rowNo!: number;
  @IsIn(ratedLineKinds) kind!: RatedLineKind;
  /** Of the account when there is one, else the report's words. */
  @IsString() customerName!: string;
  @IsOptional() @IsUUID() providerAccountId!: string | null;
  @IsOptional() @IsUUID() providerSubscriptionId!: string | null;
  /** CMP's id of the customer's account, where the report has it. */
  @IsOptional() @IsString() cmpAccountId!: string | null;
  @IsOptional() @IsString() cmpSubscriptionId!: string | null;
  @IsOptional() @IsString() subscriptionName!: string | null;
  /** What tells whose it is; null while nothing does. */
  @IsOptional()
  @IsIn(['subscription', 'account-id', 'customer-name'])
  matchedBy!: 'subscription' | 'account-id' | 'customer-name' | null;
  /** `names-nobody`, `customer-ambiguous`, `account-unknown`, `customer-unknown`, `subscription-and-customer-unknown`. */
  @IsOptional() @IsString() unmatchedReason!: string | null;
  /** `INGRAM:vendor:mpn`; null when the vendor is not known. */
  @IsOptional() @IsString() partNumber!: string | null;
  @IsOptional() @IsString() mpn!: string | null;
  @IsOptional() @IsString() vendor!: string | null;
  /** Of the subscription, unless it is known to have no product of this mpn. */
  @IsOptional() @IsString() cmpProductId!: string | null;
  @IsOptional() @IsString() term!: string | null;
  @IsString() description!: string;
  /** CMP's word. */
  @IsString() chargeType!: string;
  @IsOptional() @IsString() orderId!: string | null;
  @IsOptional() @IsISO8601() chargeStart!: string | null;
  @IsOptional() @IsISO8601() chargeEnd!: string | null;
  @IsOptional() @IsString() billingCycle!: string | null;
  @IsOptional() @IsString() unitPrice!: string | null;
  @IsString() quantity!: string;
  @IsOptional() @IsString() tax!: string | null;
  @IsOptional() @IsString() discount!: string | null;
  @IsString() total!: string;
  @IsString() currency!: string;
  @IsOptional() @IsString() service!: string | null;
  @IsOptional() @IsString() resource!: string | null;
  @IsOptional() @IsString() unit!: string | null;
  @IsOptional() @IsString() region!: string | null;
  /** Columns nobody knows, as they came. */
  @IsOptional() @IsObject() other!: Record<string, string> | null;
}

export const showRatedLine = ({ documentId: _, ...row }: RatedLineRow): RatedLineView => ({
  ...row,
  partNumber: partNumberOfLine(row.vendor, row.mpn) ?? null,
});
