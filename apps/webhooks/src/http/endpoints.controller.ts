import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import {
  Allow,
  Answer,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  IfMatch,
  pageOf,
  PageQuery,
  Principal,
  requireVersion,
  tagged,
  TenantStore,
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { WebhooksEnv } from '../config.ts';
import { Endpoint } from '../domain/endpoint.entity.ts';
import { TooManyEndpoints } from '../domain/webhook.errors.ts';
import { countBacklog } from '../persistence/queries/backlog.query.ts';
import { listEndpoints } from '../persistence/queries/endpoints.query.ts';
import { lockEndpoint, requireEndpoint } from '../persistence/require-endpoint.ts';
import { SecretVault } from '../persistence/secret-vault.ts';
import { requireAcceptable } from './accepted-settings.ts';
import { ChangeEndpoint, CreateEndpoint } from './endpoint.dto.ts';
import { EndpointStateView, EndpointView, NewEndpointView, showEndpoint } from './endpoint.view.ts';

@Controller('v1/webhook-endpoints')
export class EndpointsController {
  readonly #allowPrivate: boolean;

  constructor(
    private readonly store: TenantStore,
    private readonly vault: SecretVault,
    private readonly env: WebhooksEnv,
  ) {
    this.#allowPrivate = env.ALLOW_PRIVATE_ADDRESSES === 'yes';
  }

  @Get()
  @Allow('viewer')
  @Describe('The endpoints of the tenant, the oldest first.', { returns: EndpointView, list: 'page' })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<EndpointView>> {
    const after = decodeCursor(cursor, ['time', 'uuid']);
    const found = await this.store.change(tenantId, (em) => listEndpoints(em, after, limit));
    return pageOf(found, limit, ({ createdAt, id }) => [createdAt.toISOString(), id], showEndpoint);
  }

  @Post()
  @Allow('admin')
  @Describe('Sets up an endpoint. Its signing secret is shown in this answer only.', {
    returns: NewEndpointView,
  })
  create(
    @CurrentUser() { tenantId }: Principal,
    @Body() { url, description = '', eventTypes = ['*'] }: CreateEndpoint,
  ): Promise<Answer<NewEndpointView>> {
    requireAcceptable({ url, eventTypes }, this.#allowPrivate);
    return this.store.change(tenantId, async (em) => {
      const most = this.env.WEBHOOK_MAX_ENDPOINTS;
      if ((await em.count(Endpoint)) >= most) throw new TooManyEndpoints(most);
      const now = new Date();
      const endpoint = Endpoint.create(tenantId, { url, description, eventTypes }, now);
      await em.persist(endpoint).flush();
      const secret = await this.vault.issue(em, endpoint, now, now);
      return Answer.created(
        `/v1/webhook-endpoints/${endpoint.id}`,
        { ...showEndpoint(endpoint), secret },
        { etag: etag(endpoint.version) },
      );
    });
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('An endpoint, how it fares, and what waits for it.', { returns: EndpointStateView })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<Answer<EndpointStateView>> {
    const endpoint = await this.store.change(tenantId, (em) => requireEndpoint(em, id));
    const backlog = await countBacklog(this.store.rows(tenantId), id);
    return tagged({ ...showEndpoint(endpoint), ...backlog }, endpoint.version);
  }

  @Patch(':id')
  @Allow('admin')
  @Describe('Changes what the body names. What is on its way already goes to the new address.', {
    returns: EndpointView,
  })
  change(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: ChangeEndpoint,
  ): Promise<Answer<EndpointView>> {
    requireAcceptable(body, this.#allowPrivate);
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      requireVersion(version, endpoint.version);
      endpoint.change(body, new Date());
      await em.flush();
      return tagged(showEndpoint(endpoint), endpoint.version);
    });
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @Describe('Removes an endpoint with its secrets and its delivery log for good.', { status: 204 })
  async remove(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(tenantId, async (em) => {
      await em.remove(await lockEndpoint(em, id)).flush();
    });
  }
}
