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
    const found = await this.store.read(tenantId, (em) =>
      listProducts(em, tenantId, query, after, query.limit),
    );
    return pageOf(found, query.limit, ({ name, id }) => [name, id], toProduct);
  }

  @Get(':id')
  @Describe('One product.', { returns: ProductView })
  async read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<ProductView> {
    return toProduct(await this.store.read(tenantId, (em) => readProduct(em, tenantId, id)));
  }

  @Get(':id/prices')
  @Describe('Its price list with effective dates, newest first.', { returns: PriceList })
  async prices(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() { at }: PriceListQuery,
  ): Promise<PriceList> {
    return this.store.read(tenantId, async (em) => {
      await readProduct(em, tenantId, id);
      return { data: (await listPrices(em, id, at)).map(toPriceListEntry) };
    });
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
    const after = decodeCursor(cursor, ['uuid', 'number']);
    const found = await this.store.read(tenantId, async (em) => {
      const { connectorId } = await readProduct(em, tenantId, id);
      return listUses(em, { tenantId, connectorId, productId: id }, after, limit);
    });
    return pageOf(
      found,
      limit,
      ({ providerSubscriptionId, line }) => [providerSubscriptionId, line],
      toSubscriptionUse,
    );
  }
}
