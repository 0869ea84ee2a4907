import { IfGiven } from '@isthmus/service-kit';
import { IsBoolean, IsOptional, IsString, IsUUID, Length, Matches } from 'class-validator';

/** What is left out stays as it is. */
export class ChangeSubscription {
  /** null takes it away. */
  @IsOptional() @IsString() @Length(1, 200) @Matches(/\S/) friendlyName?: string | null;
  /** One of the tenant account that the provider account is linked to; null: unassigned. */
  @IsOptional() @IsUUID() billingContractId?: string | null;
  /** An order to CMP: alone in its request, with an Idempotency-Key, answered 202 with the order. */
  @IfGiven() @IsBoolean() autoRenew?: boolean;
}
