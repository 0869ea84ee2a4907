import {
  type CatalogRecordCounts,
  CountCatalogRecords,
  type ListedPrices,
  ListPrices,
  type PriceListItemV1,
  type PriceListType,
} from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, isoTime, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { countConnectorRecords } from '../sync/connector-records.store.ts';
import { listPriceListItems, type PriceListItemRow } from './prices.store.ts';
import { plainName, segmentOf } from './product.ts';

const limit = 150;

@Controller()
export class AnswerListPrices {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListPrices)
  async list({ tenantId, cursor, ...filter }: ListPrices): Promise<ListedPrices> {
    const after = decodeCursor(cursor, ['uuid', 'number']);
    const rows = await listPriceListItems(this.store.rows(tenantId), filter, after, limit);
    const prices = fittingPage(rows.slice(0, limit).map((row) => itemOf(row, filter.type)));
    const last = prices.length < rows.length ? prices.at(-1) : undefined;
    return { prices, nextCursor: last && encodeCursor([last.productId, Number(last.priceId)]) };
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

@Controller()
export class AnswerCountConnectorRecords {
  constructor(private readonly store: TenantStore) {}

  @Answers(CountCatalogRecords)
  count({ tenantId, connectorId }: CountCatalogRecords): Promise<CatalogRecordCounts> {
    return countConnectorRecords(this.store.rows(tenantId), connectorId);
  }
}
