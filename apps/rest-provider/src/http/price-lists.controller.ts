import { Controller, Get, Param, UseInterceptors } from '@nestjs/common';
import {
  ListPrices,
  priceListTypes,
  priceTimelines,
  type PriceListItemV1,
  type PriceListType,
  type PriceTimeline,
} from '@isthmus/contracts';
import { Asker } from '@isthmus/messaging';
import { AllowApiKey, CurrentKey, Describe, invalidInput } from '@isthmus/service-kit';
import { allPages } from '../commands/ask-all.ts';
import { countryCodeOf } from '../domain/address-faults.ts';
import { PriceListItem } from './price-list-item.dto.ts';
import { Work365Client } from './work365-client.ts';
import { SpeakWork365 } from './work365.interceptor.ts';

@AllowApiKey()
@UseInterceptors(SpeakWork365)
@Controller('pricelists')
export class PriceListsController {
  constructor(private readonly asker: Asker) {}

  @Get(':market/:type/:timeline')
  @Describe("The price list of the connector's market; another market has none.", {
    returns: PriceListItem,
    list: 'array',
  })
  async list(
    @CurrentKey() { tenantId, connectorId }: Work365Client,
    @Param('market') marketText: string,
    @Param('type') typeText: string,
    @Param('timeline') timelineText: string,
  ): Promise<PriceListItem[]> {
    const type = typeText.toLowerCase() as PriceListType;
    const timeline = timelineText.toLowerCase() as PriceTimeline;
    const market = countryCodeOf(marketText);
    const errors = [
      ...(market ? [] : [{ field: 'market', message: 'market must be a country code such as US' }]),
      ...(priceListTypes.includes(type) ? [] : [one('type', priceListTypes)]),
      ...(priceTimelines.includes(timeline) ? [] : [one('timeline', priceTimelines)]),
    ];
    if (errors.length > 0 || !market) throw invalidInput(errors);
    const prices = await allPages(
      (cursor) => this.asker.ask(ListPrices, { tenantId, connectorId, market, type, timeline, cursor }),
      (page) => page.prices,
    );
    return prices.flatMap((price) => showPrice(price) ?? []);
  }
}

const one = (field: string, words: readonly string[]) => ({
  field,
  message: `${field} must be one of ${words.join(', ')}`,
});

/**
 * Microsoft's mpn of new commerce is product:sku; any other stands for the product alone. Nothing where CMP shows neither
 * price: an unknown one is not 0.
 */
function showPrice(price: PriceListItemV1): PriceListItem | null {
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
