import type { EntityManager } from '@mikro-orm/postgresql';
import { Controller, Get, Query } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  decodeCursor,
  Describe,
  pageOf,
  Principal,
  UuidParam,
  type Page,
  TenantStore,
} from '@isthmus/service-kit';
import { readProviderAccount } from '../accounts/accounts.store.ts';
import { resolveEndedFilter } from '../list-query.ts';
import {
  listProviderSubscriptions,
  readProviderSubscription,
  type ProviderSubscriptionFilter,
} from './subscriptions.store.ts';
import {
  AccountSubscriptionQuery,
  ProviderSubscriptionQuery,
  ProviderSubscriptionView,
  showProviderSubscription,
} from './subscriptions.dto.ts';

/** CMP's subscriptions as last read. What was agreed with Work 365 is subscription-lifecycle's. */
@Allow('viewer')
@Controller('v1')
export class ProviderSubscriptionsController {
  constructor(private readonly store: TenantStore) {}

  @Get('provider-subscriptions')
  @Describe('Subscriptions, grouped by account; ended ones only if `ended` or `status` requests them.', {
    returns: ProviderSubscriptionView,
    list: 'page',
  })
  list(
    @CurrentUser() { tenantId }: Principal,
    @Query() query: ProviderSubscriptionQuery,
  ): Promise<Page<ProviderSubscriptionView>> {
    const filter = { ...query, ended: resolveEndedFilter(query) };
    return this.store.read(tenantId, (em) => page(em, tenantId, filter, query));
  }

  @Get('provider-subscriptions/:id')
  @Describe('One subscription.', { returns: ProviderSubscriptionView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ProviderSubscriptionView> {
    return showProviderSubscription(
      await this.store.read(tenantId, (em) => readProviderSubscription(em, tenantId, id)),
    );
  }

  @Get('provider-accounts/:id/subscriptions')
  @Describe('The subscriptions of one account; ended ones only if `ended` or `status` requests them.', {
    returns: ProviderSubscriptionView,
    list: 'page',
  })
  async ofAccount(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() query: AccountSubscriptionQuery,
  ): Promise<Page<ProviderSubscriptionView>> {
    return this.store.read(tenantId, async (em) => {
      const { connectorId } = await readProviderAccount(em, tenantId, id);
      const filter = { ...query, connectorId, providerAccountId: id, ended: resolveEndedFilter(query) };
      return page(em, tenantId, filter, query);
    });
  }
}

async function page(
  em: EntityManager,
  tenantId: string,
  filter: ProviderSubscriptionFilter,
  { cursor, limit }: AccountSubscriptionQuery,
): Promise<Page<ProviderSubscriptionView>> {
  const after = decodeCursor(cursor, ['uuid', 'uuid', 'uuid']);
  const found = await listProviderSubscriptions(em, tenantId, filter, after, limit);
  const keyOf = (row: (typeof found)[number]) => [row.connectorId, row.providerAccountId, row.id];
  return pageOf(found, limit, keyOf, showProviderSubscription);
}
