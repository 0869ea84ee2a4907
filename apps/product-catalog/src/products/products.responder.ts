import {
  CountCatalogRecords,
  ListPrices,
  type CatalogRecordCounts,
  type ListedPrices,
  type PriceListItemV1,
  type PriceListType,
} from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, isoTime, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { listPriceListItems, type PriceListItemRow } from './prices.store.ts';
import { productSegment, vendorPartNumber } from './product.ts';
import { countConnectorRecords } from './products.store.ts';

const pageSize = 150;

@Controller()
export class ProductsResponder {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListPrices)
  async listPrices({ tenantId, cursor, ...filter }: ListPrices): Promise<ListedPrices> {
    const after = decodeCursor(cursor, ['uuid', 'number']);
    const rows = await listPriceListItems(this.store.rows(tenantId), filter, after, pageSize);
    const prices = fittingPage(rows.slice(0, pageSize).map((row) => toPriceListItem(row, filter.type)));
    const last = prices.length < rows.length ? prices.at(-1) : undefined;
    return { prices, nextCursor: last && encodeCursor([last.productId, Number(last.priceId)]) };
  }

  @Answers(CountCatalogRecords)
  countRecords({ tenantId, connectorId }: CountCatalogRecords): Promise<CatalogRecordCounts> {
    return this.store.read(tenantId, (em) => countConnectorRecords(em, connectorId));
  }
}

function toPriceListItem(
  { nextTier, alias, ...row }: PriceListItemRow,
  type: PriceListType,
): PriceListItemV1 {
  return {
    ...row,
    type,
    cmpProductId: row.cmpProductId ?? undefined,
    partNumber: alias ?? vendorPartNumber(row.vendor, row.mpn),
    serviceName: row.serviceName ?? undefined,
    term: row.term ?? undefined,
    billingPeriod: row.billingPeriod ?? undefined,
    segment: productSegment(row.name),
    amount: row.amount ?? undefined,
    cost: row.cost ?? undefined,
    // Seats are whole: a tier ends one before the next begins.
    tierMax: nextTier === null ? undefined : nextTier - 1,
    effectiveFrom: isoTime(row.effectiveFrom),
    effectiveTo: row.effectiveTo ? isoTime(row.effectiveTo) : undefined,
  };
}
