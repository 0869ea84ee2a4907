import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayMinSize,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
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
import { Ask } from '../ask-contract.ts';
import { isoPeriod } from '../product-catalog/product-facts.ts';
import { SubscriptionQuestion } from './agreed-subscription.ts';
import { MicrosoftTenantV1 } from './microsoft-tenant.ts';
import { orderedKinds, type OrderedKind } from './order-facts.ts';
import { OrderStateV1 } from './order-state.ts';

/** A parameter of a purchase, as CMP names it. */
export class CommandedParameterV1 {
  @Length(1, 100) name!: string;
  @IsString() @Length(0, 1000) value!: string;
}

/** What somebody wants ordered. */
export class CommandedOrderV1 {
  @IsIn(orderedKinds) kind!: OrderedKind;
  /** Of everything but a purchase. */
  @ValidateIf(({ kind }: CommandedOrderV1) => kind !== 'create') @IsUUID() subscriptionId?: string;
  /** Of a purchase. */
  @ValidateIf(({ kind }: CommandedOrderV1) => kind === 'create') @IsUUID() providerAccountId?: string;
  /** Of a purchase: `INGRAM:vendorID:mpn`. */
  @ValidateIf(({ kind }: CommandedOrderV1) => kind === 'create') @Length(1, 600) partNumber?: string;
  @IsOptional() @Matches(isoPeriod) billingPeriod?: string;
  @IsOptional() @Matches(isoPeriod) term?: string;
  /** The new total, of a purchase and a change of quantity. */
  @IsOptional() @IsInt() @Min(1) @Max(1_000_000) seats?: number;
  /** The line that changes, where the subscription has several. */
  @IsOptional() @Length(1, 255) mpn?: string;
  /** CMP's id of that line's product, which tells lines of one mpn apart. */
  @IsOptional() @Length(1, 255) cmpProductId?: string;
  /** Of a renewal setting. */
  @IsOptional() @IsBoolean() autoRenew?: boolean;
  /** Of a purchase. */
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(50)
  @ValidateNested({ each: true })
  @Type(() => CommandedParameterV1)
  parameters?: CommandedParameterV1[];
  /** Of a purchase; the service fills Microsoft's parameters from it where the product needs them. */
  @IsOptional() @ValidateNested() @Type(() => MicrosoftTenantV1) microsoftTenant?: MicrosoftTenantV1;
}

/** The answer to PlaceOrders, in the order asked. */
export class PlacedOrders {
  @IsArray() @ValidateNested({ each: true }) @Type(() => OrderStateV1) orders!: OrderStateV1[];
}

@Ask({
  subject: 'ask.subscription-lifecycle.place-orders',
  service: 'subscription-lifecycle',
  summary:
    'Takes one order over, or two that belong together: all are judged before any is taken. Once per key; refused with the codes of /v1/orders.',
})
export class PlaceOrders extends SubscriptionQuestion {
  static readonly answer = PlacedOrders;
  /** Of the asker: the same question with the same key has no second effect. */
  @IsUUID() key!: string;
  /** Who wants it, for the books. */
  @Length(1, 200) askedBy!: string;
  @IsArray()
  @ArrayMinSize(1)
  @ArrayMaxSize(2)
  @ValidateNested({ each: true })
  @Type(() => CommandedOrderV1)
  orders!: CommandedOrderV1[];
}
