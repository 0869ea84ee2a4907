import {
  ListPrices,
  type PriceListItemV1,
  type PriceListType,
  priceListTypes,
  type PriceTimeline,
  priceTimelines,
} from '@isthmus/contracts';
import { RequestClient } from '@isthmus/messaging';
import { AllowApiKey, CurrentApiKey, Describe, invalidInput, OrNull } from '@isthmus/service-kit';
import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import { IsISO8601, IsNumber, IsOptional, IsString } from 'class-validator';
import { allPages } from '../all-pages.ts';
import { parseCountryCode } from '../customers/customer-rules.ts';
import { Model } from '../work365/model.dto.ts';
import { Work365Client } from '../work365/work365-client.ts';
import { Work365Translation } from '../work365/work365.interceptor.ts';

export class PriceListItem extends Model {
  @OrNull() @IsString() type!: string | null;
  @OrNull() @IsString() productTitle!: string | null;
  @OrNull() @IsString() productId!: string | null;
  @OrNull() @IsString() skuId!: string | null;
  @OrNull() @IsString() skuTitle!: string | null;
  @OrNull() @IsString() publisher!: string | null;
  @OrNull() @IsString() skuDescription!: string | null;
  @OrNull() @IsString() unitOfMeasure!: string | null;
  @OrNull() @IsString() termDuration!: string | null;
  @OrNull() @IsString() market!: string | null;
  @OrNull() @IsString() currency!: string | null;
  /** The reseller's cost of a unit. */
  @IsNumber() unitPrice!: number;
  @OrNull() @IsString() pricingTierRangeMin!: string | null;
  @OrNull() @IsString() pricingTierRangeMax!: string | null;
  @OrNull() @IsISO8601() effectiveStartDate!: string | null;
  @OrNull() @IsISO8601() effectiveEndDate!: string | null;
  @OrNull() @IsString() tags!: string | null;
  @OrNull() @IsString() meterIds!: string | null;
  @OrNull() @IsString() meterType!: string | null;
  @OrNull() @IsString() billingPlan!: string | null;
  /** The customer's price according to CMP's list; absent if unknown. */
  @IsOptional() @IsNumber() erpPrice?: number;
  @OrNull() @IsString() segment!: string | null;
}

@AllowApiKey()
@UseInterceptors(Work365Translation)
@Controller('pricelists')
export class PriceListsController {
  constructor(private readonly requests: RequestClient) {}

  @Get(':market/:type/:timeline')
  @Describe("The price list of the connector's market; other markets have none.", {
    returns: PriceListItem,
    list: 'array',
  })
  async list(
    @CurrentApiKey() { tenantId, connectorId }: Work365Client,
    @Param('market') marketText: string,
    @Param('type') typeText: string,
    @Param('timeline') timelineText: string,
  ): Promise<PriceListItem[]> {
    const type = typeText.toLowerCase() as PriceListType;
    const timeline = timelineText.toLowerCase() as PriceTimeline;
    const market = parseCountryCode(marketText);
    const errors = [
      ...(market ? [] : [{ field: 'market', message: 'market must be a country code such as US' }]),
      ...(priceListTypes.includes(type) ? [] : [mustBeOneOf('type', priceListTypes)]),
      ...(priceTimelines.includes(timeline) ? [] : [mustBeOneOf('timeline', priceTimelines)]),
    ];
    if (errors.length > 0 || !market) throw invalidInput(errors);
    const prices = await allPages(
      (cursor) =>
        this.requests.request(ListPrices, { tenantId, connectorId, market, type, timeline, cursor }),
      (page) => page.prices,
    );
    return prices.flatMap((price) => toPriceListItem(price) ?? []);
  }
}

const mustBeOneOf = (field: string, words: readonly string[]) => ({
  field,
  message: `${field} must be one of ${words.join(', ')}`,
});

/**
 * An MPN of Microsoft's new commerce is product:sku; any other MPN identifies the product only. Null if CMP shows neither price,
 * because an unknown price is not 0.
 */
function toPriceListItem(price: PriceListItemV1): PriceListItem | null {
  const unitPrice = price.cost ?? price.amount;
  if (unitPrice === undefined) return null;
  const [productId = null, skuId = null] = price.mpn.split(':', 2);
  return {
    id: price.priceId,
    name: price.partNumber ?? price.name,
    createdOn: price.effectiveFrom,
    modifiedOn: null,
    type: price.type,
    productTitle: price.name,
    productId,
    skuId,
    skuTitle: price.name,
    publisher: price.vendor,
    skuDescription: price.serviceName ?? null,
    unitOfMeasure: null,
    termDuration: price.term ?? null,
    market: price.market,
    currency: price.currency,
    unitPrice: Number(unitPrice),
    pricingTierRangeMin: String(price.tierMin),
    pricingTierRangeMax: price.tierMax === undefined ? null : String(price.tierMax),
    effectiveStartDate: price.effectiveFrom,
    effectiveEndDate: price.effectiveTo ?? null,
    tags: null,
    meterIds: null,
    meterType: null,
    billingPlan: price.billingPeriod ?? null,
    ...(price.amount !== undefined && { erpPrice: Number(price.amount) }),
    segment: price.segment ?? null,
  };
}
