import { IsBoolean, IsISO8601, IsOptional, IsUUID, Length, Matches } from 'class-validator';
import { Event } from '../contract.ts';

/** The fields of both events of a billing contract. */
abstract class BillingContractFieldsV1 {
  @IsUUID() billingContractId!: string;
  @Length(1, 64) tenantAccountId!: string;
  @Length(1, 200) name!: string;
  @Matches(/^[A-Z]{3}$/) currency!: string;
  @IsISO8601({ strict: true }) startDate!: string;
  @IsOptional() @IsISO8601({ strict: true }) endDate?: string;
  @IsBoolean() isDefault!: boolean;
}

@Event({
  eventType: 'account-sync.billing-contract-created.v1',
  producer: 'account-sync',
  aggregate: 'billing-contract',
  summary: 'A billing contract was created for a tenant account.',
})
export class BillingContractCreatedV1 extends BillingContractFieldsV1 {}

@Event({
  eventType: 'account-sync.billing-contract-changed.v1',
  producer: 'account-sync',
  aggregate: 'billing-contract',
  summary: 'The terms of a billing contract changed; the event has the new values.',
})
export class BillingContractChangedV1 extends BillingContractFieldsV1 {}
