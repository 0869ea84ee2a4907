import type { ProviderAccountV1, SubscriptionLineV1 } from '@isthmus/contracts';
import { PartNumber } from '@isthmus/domain';
import { invalidInput, OrNull } from '@isthmus/service-kit';
import { Transform, Type } from 'class-transformer';
import {
  IsBoolean,
  IsIn,
  IsInt,
  IsISO8601,
  IsNotEmpty,
  IsNumber,
  IsOptional,
  IsString,
  Length,
  Max,
  Min,
  ValidateNested,
} from 'class-validator';
import { BillingCycleType, BillingType, SubscriptionStatus, toBillingCycle } from '../work365/enums.ts';
import { Model, ModelRef, SentWithoutId, WireDate, WireEnumMember, WireText } from '../work365/model.dto.ts';
import { type Purchase, type PurchaseIntent, WriteRefused } from '../write-intents/write-intent.ts';
import {
  type AgreedSubscription,
  hasEnded,
  type KnownSubscription,
  lineOf,
  ownEntry,
  toSubscriptionStatus,
} from './known-subscription.ts';

export class Pricing {
  @IsString() currency!: string;
  /** The reseller's cost of a unit. */
  @IsNumber() price!: number;
  /** The customer's price according to CMP's list; absent if unknown. */
  @IsOptional() @IsNumber() retailPrice?: number;
}

export class Subscription extends Model {
  /** `INGRAM:vendorID:mpn`. */
  @OrNull() @IsString() partNumber!: string | null;
  @IsBoolean() autoRenew!: boolean;
  @IsIn(Object.values(BillingCycleType)) provisioningFrequency!: number;
  @IsIn(Object.values(BillingType)) billingType!: number;
  @OrNull() @ValidateNested() @Type(() => ModelRef) customer!: ModelRef | null;
  @OrNull() @IsString() friendlyName!: string | null;
  @OrNull() @IsISO8601() startDate!: string | null;
  /** Suspended also means ordered, but not yet known from CMP. */
  @IsIn(Object.values(SubscriptionStatus)) status!: number;
  /** 0 of one that has ended without its seats having been read. */
  @IsNumber() quantity!: number;
  /** Null when the price is not known. */
  @OrNull() @ValidateNested() @Type(() => Pricing) pricing!: Pricing | null;
}

const wholeNumber = { message: '$property must be a whole number of seats: CMP sells no fractions' };
const fromText = ({ value }: { value: unknown }) =>
  typeof value === 'string' && /^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value;

/** The fields of a subscription that a client sends in any case. */
class SentSubscription extends SentWithoutId {
  @IsOptional() @IsBoolean() autoRenew?: boolean | null;
  @WireText(200) friendlyName?: string | null;
  @WireEnumMember(BillingCycleType) provisioningFrequency?: number | null;
  @WireEnumMember(BillingType) billingType?: number | null;
  @WireEnumMember(SubscriptionStatus) status?: number | null;
  @WireDate() @IsOptional() @IsISO8601() startDate?: string | null;
}

/** The customer of a purchase. */
export class SentCustomerRef {
  @IsString() @Length(1, 50) id!: string;
  @WireText(500) name?: string | null;
}

/** The body of a purchase. A given `id` is the client's own name for it. */
export class PostSubscription extends SentSubscription {
  @WireText(50) id?: string | null;
  @IsNotEmpty() @IsString() @Length(1, 600) partNumber!: string;
  @IsNotEmpty({ message: 'customer must be given' })
  @ValidateNested()
  @Type(() => SentCustomerRef)
  customer!: SentCustomerRef;
  @Transform(fromText) @IsInt(wholeNumber) @Min(1) @Max(1_000_000) quantity!: number;
}

/** The body of a change: what is given and differs is changed. */
export class PatchSubscription extends SentSubscription {
  @IsString() @Length(1, 50) id!: string;
  @IsOptional() @Transform(fromText) @IsInt(wholeNumber) @Min(1) @Max(1_000_000) quantity?: number | null;
}

/** A product line of a subscription as the contract's subscription. */
export function toSubscription(
  known: KnownSubscription,
  account: ProviderAccountV1,
  partNumber: string | null,
): Subscription {
  const customer = { id: account.providerAccountId, name: account.name };
  return {
    ...(known.agreed ? fromAgreed(known) : fromPurchase(known.purchase)),
    id: known.id,
    partNumber,
    customer,
  };
}

type WithoutRefs = Omit<Subscription, 'id' | 'customer' | 'partNumber'>;

function fromAgreed(known: AgreedSubscription): WithoutRefs {
  const { agreed, purchase } = known;
  const line = lineOf(known);
  const startDate = agreed.creationDate ? midnight(agreed.creationDate) : null;
  const own = ownEntry(known);
  return {
    name: own?.line.name || agreed.name,
    createdOn: startDate,
    modifiedOn: agreed.asOf,
    autoRenew: agreed.autoRenew,
    provisioningFrequency: toBillingCycle(agreed.billingPeriod),
    billingType: usageMpn.test(line?.mpn ?? '') ? BillingType.UsageBased : BillingType.LicenseBased,
    friendlyName: own ? own.friendlyName : effectiveFriendlyName(known),
    startDate,
    status: statusOf(known),
    // Without lines it is one that was bought here and has not been read yet, or one that ended unread.
    quantity: line?.quantity ?? (hasEnded(agreed) ? 0 : (purchase?.requested.quantity ?? 0)),
    pricing: toPricing(line),
  };
}

/** A live one whose lines were not read is one that was bought here: its price is not known yet. */
function statusOf({ agreed, entry }: AgreedSubscription): number {
  if (entry?.gone) return SubscriptionStatus.Cancelled;
  return entry || hasEnded(agreed) ? toSubscriptionStatus(agreed) : SubscriptionStatus.Suspended;
}

const effectiveFriendlyName = ({ agreed, purchase }: AgreedSubscription): string | null =>
  agreed.friendlyName ?? (purchase?.handedOver === false ? purchase.requested.friendlyName : null);

/**
 * Shows the subscription as it was ordered, even after CMP has confirmed it: without name, price and date it must not be billed,
 * so it becomes Active only once its subscription is known.
 */
function fromPurchase({ requested, createdAt, finishedAt }: PurchaseIntent): WithoutRefs {
  return {
    name: requested.name,
    createdOn: createdAt.toISOString(),
    modifiedOn: (finishedAt ?? createdAt).toISOString(),
    // CMP renews by default.
    autoRenew: requested.autoRenew ?? true,
    provisioningFrequency: requested.frequency ?? BillingCycleType.Unknown,
    billingType: BillingType.LicenseBased,
    friendlyName: requested.friendlyName,
    startDate: null,
    status: SubscriptionStatus.Suspended,
    quantity: requested.quantity,
    pricing: null,
  };
}

/** Azure plan and the legacy Azure offer. */
const usageMpn = /^(DZH318Z0|MS-AZR-)/i;

const midnight = (day: string): string => `${day.slice(0, 10)}T00:00:00Z`;

function toPricing(line: SubscriptionLineV1 | undefined): Pricing | null {
  const price = line?.unitCost ?? line?.unitPrice;
  if (!price) return null;
  const retail = line?.unitPrice && { retailPrice: Number(line.unitPrice.amount) };
  return { currency: price.currency, price: Number(price.amount), ...retail };
}

/** @throws Problem 400 for a text that is not a part number; WriteRefused for what is not sold here */
export function parsePurchase(body: PostSubscription): Purchase {
  const { customer, quantity, provisioningFrequency: frequency = null } = body;
  if (frequency === BillingCycleType.None)
    throw new WriteRefused(
      'order.trial-not-supported',
      'The billing cycle None means a trial, and trials cannot be ordered.',
      "Start the trial in CMP's control panel, or order the paid product.",
    );
  if (frequency === BillingCycleType.OneTime)
    throw new WriteRefused(
      'order.one-time-not-supported',
      'A subscription cannot be billed just once: CMP sells subscriptions by the month, the year or three years.',
      'Send Monthly, Annual or Triennial, or leave provisioningFrequency out.',
    );
  return {
    customerId: customer.id.toLowerCase(),
    partNumber: parsePartNumber(body.partNumber),
    quantity,
    frequency: frequency === BillingCycleType.Unknown ? null : frequency,
    name: body.name ?? null,
    friendlyName: body.friendlyName ?? null,
    autoRenew: body.autoRenew ?? null,
  };
}

function parsePartNumber(text: string): string {
  try {
    return PartNumber.print(PartNumber.parse(text));
  } catch (error) {
    const message = `is not INGRAM:vendorID:mpn: ${(error as Error).message}`;
    throw invalidInput([{ field: 'partNumber', message }]);
  }
}
