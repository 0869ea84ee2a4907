import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { isUUID } from 'class-validator';
import {
  Allow,
  Answer,
  CurrentUser,
  decodeCursor,
  Describe,
  invalidInput,
  pageOf,
  PageQuery,
  Principal,
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { ApiKey } from '../domain/api-key.entity.ts';
import { ApiKeyNotFound } from '../domain/connector.errors.ts';
import { newApiKey } from '../domain/new-api-key.ts';
import { lockConnector, requireConnector } from '../persistence/require-connector.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { ApiKeyView, CreateApiKey, IssuedApiKey, showApiKey } from './api-key.dto.ts';

/** The keys by which Work 365 speaks for a connector. */
@Controller('v1/connectors/:id/api-keys')
export class ApiKeysController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('The API keys in force.', { returns: ApiKeyView, list: 'page' })
  list(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() query: PageQuery,
  ): Promise<Page<ApiKeyView>> {
    const [after] = decodeCursor(query.cursor, 1) ?? [];
    if (after !== undefined && !isUUID(after)) {
      throw invalidInput([{ field: 'cursor', message: 'cursor is not one of this list' }]);
    }
    return this.store.read(tenantId, async (em) => {
      await requireConnector(em, id);
      const later = after === undefined ? {} : { id: { $gt: String(after) } };
      const rows = await em.find(
        ApiKey,
        { connectorId: id, ...later },
        { orderBy: { id: 'asc' }, limit: query.limit + 1 },
      );
      return pageOf(rows, query.limit, (key) => [key.id], showApiKey);
    });
  }

  @Post()
  @Allow('admin')
  @Describe('Makes an API key. This answer is the only one that has it.', { returns: IssuedApiKey })
  issue(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() { label }: CreateApiKey,
  ): Promise<Answer<IssuedApiKey>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const fresh = newApiKey();
      const key = ApiKey.issue(connector, label, fresh, user.subject, new Date());
      em.persist(key);
      const location = `/v1/connectors/${id}/api-keys/${key.id}`;
      return Answer.created(
        location,
        { ...showApiKey(key), key: fresh.key },
        { 'cache-control': 'no-store' },
      );
    });
  }

  @Delete(':keyId')
  @Allow('admin')
  @HttpCode(204)
  @Describe('Revokes an API key for good.')
  async revoke(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @UuidParam('keyId') keyId: string,
  ): Promise<void> {
    await this.store.change(user.tenantId, async (em) => {
      await lockConnector(em, id);
      const key = await em.findOne(ApiKey, { id: keyId, connectorId: id });
      if (!key) throw new ApiKeyNotFound(keyId);
      key.revoke(new Date());
    });
  }
}
