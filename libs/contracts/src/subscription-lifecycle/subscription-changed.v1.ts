import { Event } from '../event-contract.ts';
import { FieldChangeV1 } from '../field-change.ts';
import { SubscriptionFactsV1 } from './subscription-facts.ts';
import { Type } from 'class-transformer';
import { IsArray, IsIn, IsOptional, IsString, IsUUID, ValidateNested } from 'class-validator';

export const subscriptionChangeSources = [
  'cmp',
  'order',
  'person',
  'default-contract',
  'account-link',
] as const;
export type SubscriptionChangeSource = (typeof subscriptionChangeSources)[number];

@Event({
  subject: 'subscription-lifecycle.subscription-changed.v1',
  producer: 'subscription-lifecycle',
  aggregate: 'subscription',
  summary: 'A subscription is another than before; the values are the new ones.',
})
export class SubscriptionChangedV1 extends SubscriptionFactsV1 {
  /** What differs, with the values before and after. */
  @IsOptional()
  @IsArray()
  @ValidateNested({ each: true })
  @Type(() => FieldChangeV1)
  changes?: FieldChangeV1[];
  /** The names of the facts that differ. */
  @IsArray() @IsString({ each: true }) changed!: string[];
  /** `default-contract`: it joined the default contract of its account; `account-link`: its account is another tenant account's now. */
  @IsIn(subscriptionChangeSources) source!: SubscriptionChangeSource;
  @IsOptional() @IsUUID() orderId?: string;
}
