import { Controller, Get, Query } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  PageQuery,
  pageOf,
  Principal,
  TenantStore,
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { SubscriptionUseView, toSubscriptionUse } from '../part-numbers/part-numbers.dto.ts';
import { listUses } from '../part-numbers/subscription-uses.store.ts';
import { listPrices } from './prices.store.ts';
import {
  PriceList,
  PriceListQuery,
  ProductQuery,
  ProductView,
  toPriceListEntry,
  toProduct,
} from './products.dto.ts';
import { listProducts, readProduct } from './products.store.ts';

/** CMP's catalogue as last read. */
@Allow('viewer')
@Controller('v1/products')
export class ProductsController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Describe('The products, by name.', { returns: ProductView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: ProductQuery,
  ): Promise<Page<ProductView>> {
    const after = decodeCursor(query.cursor, ['text', 'uuid']);
    const rows = await listProducts(this.store.rows(tenantId), query, after, query.limit);
    return pageOf(rows, query.limit, ({ name, id }) => [name, id], toProduct);
  }

  @Get(':id')
  @Describe('One product.', { returns: ProductView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<ProductView> {
    return toProduct(await readProduct(this.store.rows(tenantId), id));
  }

  @Get(':id/prices')
  @Describe('Its price list with effective dates, newest first.', { returns: PriceList })
  async prices(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { at }: PriceListQuery,
  ): Promise<PriceList> {
    const rows = this.store.rows(tenantId);
    await readProduct(rows, id);
    return { data: (await listPrices(rows, id, at)).map(toPriceListEntry) };
  }

  @Get(':id/subscriptions')
  @Describe('Live provider subscriptions that use it, even if it is withdrawn.', {
    returns: SubscriptionUseView,
    list: 'page',
  })
  async subscriptions(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<SubscriptionUseView>> {
    const rows = this.store.rows(tenantId);
    const { connectorId } = await readProduct(rows, id);
    const after = decodeCursor(cursor, ['uuid', 'number']);
    const found = await listUses(rows, { connectorId, productId: id }, after, limit);
    return pageOf(
      found,
      limit,
      ({ providerSubscriptionId, line }) => [providerSubscriptionId, line],
      toSubscriptionUse,
    );
  }
}
