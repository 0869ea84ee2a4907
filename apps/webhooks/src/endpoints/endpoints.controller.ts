import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  IfMatch,
  lockTenant,
  type OutboundRules,
  outboundRules,
  type Page,
  toPage,
  PageQuery,
  Principal,
  requireVersion,
  withEtag,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query } from '@nestjs/common';
import { WebhooksEnv } from '../config.ts';
import { validateSettings } from './endpoint-settings.ts';
import { Endpoint } from './endpoint.entity.ts';
import { TooManyEndpoints } from './endpoint.errors.ts';
import {
  auditedFields,
  auditEndpoint,
  listEndpoints,
  lockEndpoint,
  readTraffic,
  requireEndpoint,
  markPendingUndelivered,
} from './endpoint.store.ts';
import {
  ChangeEndpoint,
  CreateEndpoint,
  EndpointStateView,
  EndpointView,
  NewEndpointView,
  NewSecretView,
  toEndpointView,
} from './endpoints.dto.ts';
import { SigningSecrets } from './signing-secrets.service.ts';

@Controller('v1/webhook-endpoints')
export class EndpointsController {
  readonly #rules: OutboundRules;

  constructor(
    private readonly store: TenantStore,
    private readonly secrets: SigningSecrets,
    private readonly env: WebhooksEnv,
  ) {
    this.#rules = outboundRules(env);
  }

  @Get()
  @Allow('viewer')
  @Describe("The tenant's endpoints, oldest first, each with its health and what waits for it.", {
    returns: EndpointStateView,
    list: 'page',
  })
  async list(
    @CurrentUser() { tenantId }: Principal,
    @Query() { cursor, limit }: PageQuery,
  ): Promise<Page<EndpointStateView>> {
    const after = decodeCursor(cursor, ['time', 'uuid']);
    return this.store.read(tenantId, async (em) => {
      const found = await listEndpoints(em, after, limit);
      const traffic = await readTraffic(
        em,
        found.map(({ id }) => id),
      );
      return toPage(
        found,
        limit,
        ({ createdAt, id }) => [createdAt.toISOString(), id],
        (endpoint) => ({ ...toEndpointView(endpoint), ...traffic.get(endpoint.id)! }),
      );
    });
  }

  @Post()
  @Allow('admin')
  @Describe('Creates an endpoint. Only this response contains its signing secret.', {
    returns: NewEndpointView,
  })
  @Audited('webhook-endpoint.create')
  create(
    @CurrentUser() { tenantId }: Principal,
    @Body() { url, description = '', eventTypes = ['*'] }: CreateEndpoint,
  ): Promise<ApiResponse<NewEndpointView>> {
    validateSettings({ url, eventTypes }, this.#rules);
    return this.store.change(tenantId, async (em) => {
      const most = this.env.WEBHOOK_MAX_ENDPOINTS;
      await lockTenant(em, tenantId, 'webhook-endpoints');
      if ((await em.count(Endpoint)) >= most) throw new TooManyEndpoints(most);
      const now = new Date();
      const endpoint = Endpoint.create(tenantId, { url, description, eventTypes }, now);
      await em.persist(endpoint).flush();
      const secret = await this.secrets.issue(em, endpoint, now, now);
      await auditEndpoint(em, endpoint, 'create', { after: auditedFields(endpoint) });
      return ApiResponse.created(
        `/v1/webhook-endpoints/${endpoint.id}`,
        { ...toEndpointView(endpoint), secret },
        { etag: etag(endpoint.version) },
      );
    });
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One endpoint, with its health and what waits for it.', {
    returns: EndpointStateView,
  })
  async read(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<EndpointStateView>> {
    return this.store.read(tenantId, async (em) => {
      const endpoint = await requireEndpoint(em, id);
      const traffic = await readTraffic(em, [id]);
      return withEtag({ ...toEndpointView(endpoint), ...traffic.get(id)! }, endpoint.version);
    });
  }

  @Patch(':id')
  @Allow('admin')
  @Describe('Changes the fields in the body. Pending deliveries go to the new address.', {
    returns: EndpointView,
  })
  @Audited('webhook-endpoint.update')
  change(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: ChangeEndpoint,
  ): Promise<ApiResponse<EndpointView>> {
    validateSettings(body, this.#rules);
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      requireVersion(version, endpoint.version);
      const before = auditedFields(endpoint);
      endpoint.change(body, new Date());
      await em.flush();
      await auditEndpoint(em, endpoint, 'update', { before, after: auditedFields(endpoint) });
      return withEtag(toEndpointView(endpoint), endpoint.version);
    });
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @Describe('Permanently removes an endpoint with its secrets and its delivery log.', { status: 204 })
  @Audited('webhook-endpoint.remove')
  async remove(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      await em.remove(endpoint).flush();
      await auditEndpoint(em, endpoint, 'remove', { before: auditedFields(endpoint) });
    });
  }
}

/** Enabling, disabling, and rotating the secret. */
@Allow('admin')
@Controller('v1/webhook-endpoints/:id')
export class EndpointStatusController {
  constructor(
    private readonly store: TenantStore,
    private readonly secrets: SigningSecrets,
    private readonly env: WebhooksEnv,
  ) {}

  @Post('enable')
  @HttpCode(200)
  @Describe('Enables the endpoint again. `recover` delivers the events it has missed.', {
    returns: EndpointView,
    status: 200,
  })
  @Audited('webhook-endpoint.enable')
  enable(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<EndpointView>> {
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      const before = auditedFields(endpoint);
      endpoint.enable(new Date());
      await em.flush();
      await auditEndpoint(em, endpoint, 'enable', { before, after: auditedFields(endpoint) });
      return withEtag(toEndpointView(endpoint), endpoint.version);
    });
  }

  @Post('disable')
  @HttpCode(200)
  @Describe('Disables the endpoint. Events that it misses are stored as undelivered.', {
    returns: EndpointView,
    status: 200,
  })
  @Audited('webhook-endpoint.disable')
  disable(
    @CurrentUser() { tenantId }: Principal,
    @UuidParam() id: string,
  ): Promise<ApiResponse<EndpointView>> {
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      const before = auditedFields(endpoint);
      endpoint.disable(new Date());
      await em.flush();
      await auditEndpoint(em, endpoint, 'disable', { before, after: auditedFields(endpoint) });
      await markPendingUndelivered(em, id);
      return withEtag(toEndpointView(endpoint), endpoint.version);
    });
  }

  @Post('rotate-secret')
  @HttpCode(200)
  @Describe(
    'Creates a new signing secret, which only this response contains. The previous one also signs for a while.',
    {
      returns: NewSecretView,
      status: 200,
    },
  )
  @Audited('webhook-endpoint.rotate-secret')
  rotate(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<NewSecretView> {
    return this.store.change(tenantId, async (em) => {
      const endpoint = await lockEndpoint(em, id);
      const now = new Date();
      const expires = new Date(now.getTime() + this.env.WEBHOOK_SECRET_OVERLAP_SECONDS * 1000);
      const secret = await this.secrets.issue(em, endpoint, now, expires);
      await auditEndpoint(em, endpoint, 'rotate-secret', {
        after: { secret: 'changed', previousExpiresAt: expires },
      });
      return { secret, previousExpiresAt: expires.toISOString() };
    });
  }
}
