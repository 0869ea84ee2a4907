import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsOptional,
  IsString,
  IsUUID,
  Length,
  Matches,
  Max,
  Min,
  ValidateIf,
  ValidateNested,
} from 'class-validator';
import { ServiceRequest } from '../contract.ts';
import { isoPeriod } from '../values.ts';
import { type OrderedKind, orderedKinds, OrderStateV1 } from './order.ts';
import { SubscriptionRequest } from './subscription.ts';

/** Microsoft's customer agreement, as accepted by the customer. */
export class AcceptedAgreementV1 {
  @IsISO8601({ strict: true }) signedOn!: string;
  @IsOptional() @Length(0, 200) firstName?: string;
  @IsOptional() @Length(0, 200) lastName?: string;
  @IsOptional() @Length(0, 320) email?: string;
}

/** The caller's data about the customer's Microsoft tenant; an order's parameters are derived from it and from the product. */
export class MicrosoftTenantV1 {
  /** `x.onmicrosoft.com`. */
  @Length(1, 255) domain!: string;
  /** Whether a subscription of the customer shows the domain. */
  @IsBoolean() exists!: boolean;
  @IsOptional() @ValidateNested() @Type(() => AcceptedAgreementV1) agreement?: AcceptedAgreementV1;
}

/** A parameter of a purchase, as CMP names it. */
export class OrderParameterV1 {
  @Length(1, 100) name!: string;
  @IsString() @Length(0, 1000) value!: string;
}

/** An order as requested. */
export class RequestedOrderV1 {
  @IsIn(orderedKinds) kind!: OrderedKind;
  /** Required for everything except a purchase. */
  @ValidateIf(({ kind }: RequestedOrderV1) => kind !== 'create') @IsUUID() subscriptionId?: string;
  /** Required for a purchase. */
  @ValidateIf(({ kind }: RequestedOrderV1) => kind === 'create') @IsUUID() providerAccountId?: string;
  /** Part number of a purchase: `INGRAM:vendorID:mpn`. */
  @ValidateIf(({ kind }: RequestedOrderV1) => kind === 'create') @Length(1, 600) partNumber?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** The new total, for a purchase and a change of quantity. */
  @IsOptional() @IsInt() @Min(1) @Max(1_000_000) seats?: number;
  /** The line that changes, where the subscription has several. */
  @IsOptional() @Length(1, 255) mpn?: string;
  /** CMP's id of that line's product, which distinguishes lines with the same MPN. */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  /** Only for a renewal setting. */
  @IsOptional() @IsBoolean() autoRenew?: boolean;
  /** Only for a purchase. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => OrderParameterV1)
  parameters?: OrderParameterV1[];
  /** For a purchase; the service derives Microsoft's parameters from it if the product needs them. */
  @IsOptional() @ValidateNested() @Type(() => MicrosoftTenantV1) microsoftTenant?: MicrosoftTenantV1;
}

/** The response to PlaceOrders, in the order of the request. */
export class OrderStatesResponse {
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderStateV1) orders!: OrderStateV1[];
}

@ServiceRequest({
  subject: 'rpc.subscription-lifecycle.place-orders',
  service: 'subscription-lifecycle',
  summary:
    'Places one order, or two that belong together: all are checked before any is accepted. Once per key; fails with the codes of /v1/orders.',
})
export class PlaceOrders extends SubscriptionRequest {
  static readonly response = OrderStatesResponse;
  /** Chosen by the caller: the same request with the same key has no second effect. */
  @IsUUID() key!: string;
  /** On whose behalf, for the records. */
  @Length(1, 200) requestedBy!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(2)
  @ValidateNested({ each: true })
  @Type(() => RequestedOrderV1)
  orders!: RequestedOrderV1[];
}

@ServiceRequest({
  subject: 'rpc.subscription-lifecycle.read-orders',
  service: 'subscription-lifecycle',
  summary: 'The state of up to 200 orders of a connector; unknown ones are left out.',
})
export class ReadOrders extends SubscriptionRequest {
  static readonly response = OrderStatesResponse;
  @IsArray() @ArrayMinSize(1) @ArrayMaxSize(200) @IsUUID('all', { each: true }) orderIds!: string[];
}
