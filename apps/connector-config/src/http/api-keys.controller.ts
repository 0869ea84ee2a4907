import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiTags } from '@nestjs/swagger';
import {
  Allow,
  Answer,
  CurrentUser,
  decodeCursor,
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
import { ApiKeyPage, ApiKeyView, CreateApiKey, IssuedApiKey, showApiKey } from './api-key.dto.ts';

/** The keys by which Work 365 speaks for a connector. */
@ApiTags('API keys')
@Controller('v1/connectors/:id/api-keys')
export class ApiKeysController {
  constructor(private readonly store: TenantStore) {}

  /** The keys in force. */
  @Get()
  @Allow('viewer')
  @ApiOkResponse({ type: ApiKeyPage })
  list(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @Query() query: PageQuery,
  ): Promise<Page<ApiKeyView>> {
    const [after] = decodeCursor(query.cursor, 1) ?? [];
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

  /** Makes a key; this answer is the only one that has it. */
  @Post()
  @Allow('admin')
  @ApiCreatedResponse({ type: IssuedApiKey })
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

  /** Revokes a key for good. */
  @Delete(':keyId')
  @Allow('admin')
  @HttpCode(204)
  @ApiNoContentResponse()
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
