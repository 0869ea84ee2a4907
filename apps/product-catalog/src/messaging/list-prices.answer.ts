import { Controller } from '@nestjs/common';
import { ListPrices, type ListedPrices, type PriceListItemV1, type PriceListType } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { decodeCursor, isoTime, pageOf, TenantStore } from '@isthmus/service-kit';
import { plainName } from '../domain/name-product.ts';
import { segmentOf } from '../domain/product-segment.ts';
import { listPriceListItems, type PriceListItemRow } from '../persistence/queries/price-list-items.query.ts';

/** Prices of three kilobytes each, which are long ones, still fit into what an ask may carry. */
const limit = 150;

@Controller()
export class AnswerListPrices {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListPrices)
  async list({ tenantId, cursor, ...filter }: ListPrices): Promise<ListedPrices> {
    const after = decodeCursor(cursor, ['uuid', 'number']);
    const rows = await listPriceListItems(this.store.rows(tenantId), filter, after, limit);
    const place = ({ productId, priceId }: PriceListItemRow) => [productId, Number(priceId)];
    const { data, nextCursor } = pageOf(rows, limit, place, (row) => itemOf(row, filter.type));
    return { prices: data, nextCursor: nextCursor ?? undefined };
  }
}

function itemOf({ nextTier, alias, ...row }: PriceListItemRow, type: PriceListType): PriceListItemV1 {
  return {
    ...row,
    type,
    cmpProductId: row.cmpProductId ?? undefined,
    partNumber: alias ?? plainName(row.vendor, row.mpn),
    serviceName: row.serviceName ?? undefined,
    term: row.term ?? undefined,
    billingPeriod: row.billingPeriod ?? undefined,
    segment: segmentOf(row.name),
    amount: row.amount ?? undefined,
    cost: row.cost ?? undefined,
    // Seats are whole: a tier ends one before the next begins.
    tierMax: nextTier === null ? undefined : nextTier - 1,
    effectiveFrom: isoTime(row.effectiveFrom),
    effectiveTo: row.effectiveTo ? isoTime(row.effectiveTo) : undefined,
  };
}
