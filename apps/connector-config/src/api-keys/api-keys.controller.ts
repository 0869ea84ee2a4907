import { ApiKeyRevokedV1, FindApiKey, type FindApiKeyResponse } from '@isthmus/contracts';
import { emit, event, RespondTo } from '@isthmus/messaging';
import {
  acrossTenants,
  Allow,
  ApiResponse,
  audit,
  Audited,
  currentCorrelationId,
  CurrentUser,
  decodeCursor,
  Describe,
  IfGiven,
  inTenant,
  invalidInput,
  isoTimeOrNull,
  lockTenant,
  type Page,
  PageQuery,
  Principal,
  TenantStore,
  toPage,
  UuidParam,
  OrNull,
} from '@isthmus/service-kit';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { Transform } from 'class-transformer';
import { IsISO8601, IsString, isUUID, IsUUID, Length } from 'class-validator';
import { ConnectorConfigEnv } from '../config.ts';
import { Connector } from '../connectors/connector.entity.ts';
import { lockConnector, requireConnector } from '../connectors/connector.store.ts';
import { expiryWarnings } from './api-key-expiry.job.ts';
import { ApiKey, ApiKeyNotFound, newApiKey, TooManyApiKeys } from './api-key.entity.ts';

class CreateApiKey {
  /** The purpose of the key, to distinguish it from others. */
  @Transform(({ value }) => (typeof value === 'string' ? value.trim() : value))
  @IsString()
  @Length(1, 100)
  label!: string;
  /** Expiry time, announced by an event 30 and 7 days ahead. If left out, the key does not expire. */
  @IfGiven() @IsISO8601({ strict: true, strictSeparator: true }) expiresAt?: string;
}

/** A key as it can be shown: never itself. */
class ApiKeyView {
  @IsUUID() id!: string;
  @IsString() label!: string;
  /** The first characters of the key. */
  @IsString() prefix!: string;
  @IsString() createdBy!: string;
  @IsISO8601() createdAt!: string;
  /** To about a minute. */
  @OrNull() @IsISO8601() lastUsedAt!: string | null;
  /** The key is rejected from this time on; null if it does not expire. */
  @OrNull() @IsISO8601() expiresAt!: string | null;
}

/** The only response that contains the key itself. */
class IssuedApiKey extends ApiKeyView {
  @IsString() key!: string;
}

const toApiKeyView = ({
  id,
  label,
  prefix,
  createdBy,
  createdAt,
  lastUsedAt,
  expiresAt,
}: ApiKey): ApiKeyView => ({
  id,
  label,
  prefix,
  createdBy,
  createdAt: createdAt.toISOString(),
  lastUsedAt: isoTimeOrNull(lastUsedAt),
  expiresAt: isoTimeOrNull(expiresAt),
});

/** @throws Problem 400 when it has passed or names no moment */
function readExpiry(given: string | undefined, now: Date): Date | null {
  if (given === undefined) return null;
  const expiresAt = new Date(given);
  if (expiresAt > now) return expiresAt;
  throw invalidInput([{ field: 'expiresAt', message: 'expiresAt must be a time in the future' }]);
}

/** The keys by which Work 365 speaks for a connector. */
@Controller('v1/connectors/:id/api-keys')
export class ApiKeysController {
  constructor(
    private readonly store: TenantStore,
    private readonly env: ConnectorConfigEnv,
  ) {}

  @Get()
  @Allow('viewer')
  @Describe('The API keys that are not revoked.', { returns: ApiKeyView, list: 'page' })
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
      return toPage(rows, query.limit, (key) => [key.id], toApiKeyView);
    });
  }

  @Post()
  @Allow('admin')
  @Describe('Creates an API key. Only this response contains it.', { returns: IssuedApiKey })
  @Audited('api-key.issue')
  issue(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() body: CreateApiKey,
  ): Promise<ApiResponse<IssuedApiKey>> {
    const now = new Date();
    const about = { label: body.label, expiresAt: readExpiry(body.expiresAt, now) };
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      await this.#requireRoom(em, connector, now);
      const fresh = newApiKey();
      const key = ApiKey.issue(connector, about, fresh, user.subject, now);
      em.persist(key);
      await auditKey(em, 'issue', key, { after: shownFields(key) });
      const location = `/v1/connectors/${id}/api-keys/${key.id}`;
      return ApiResponse.created(
        location,
        { ...toApiKeyView(key), key: fresh.key },
        { 'cache-control': 'no-store' },
      );
    });
  }

  @Delete(':keyId')
  @Allow('admin')
  @HttpCode(204)
  @Describe('Revokes an API key permanently.')
  @Audited('api-key.revoke')
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
      await auditKey(em, 'revoke', key, { before: shownFields(key) });
      const { label } = key;
      const data = { apiKeyId: keyId, connectorId: id, label, by: user.subject };
      // The last of its events; those before announce its expiry.
      const about = { tenantId: user.tenantId, aggregateId: keyId, version: expiryWarnings.length + 1 };
      emit(em, event(ApiKeyRevokedV1, data, { ...about, correlationId: currentCorrelationId() }));
    });
  }

  /** @throws TooManyApiKeys */
  async #requireRoom(em: EntityManager, { id, tenantId }: Connector, now: Date): Promise<void> {
    const { API_KEYS_PER_CONNECTOR: ofConnector, API_KEYS_PER_TENANT: ofTenant } = this.env;
    await lockTenant(em, tenantId, 'api-keys');
    const active = { $or: [{ expiresAt: null }, { expiresAt: { $gt: now } }] };
    if ((await em.count(ApiKey, { connectorId: id, ...active })) >= ofConnector)
      throw new TooManyApiKeys(ofConnector, 'connector');
    if ((await em.count(ApiKey, active)) >= ofTenant) throw new TooManyApiKeys(ofTenant, 'tenant');
  }
}

const shownFields = ({ connectorId, label, prefix, expiresAt }: ApiKey) => ({
  connectorId,
  label,
  prefix,
  expiresAt: isoTimeOrNull(expiresAt),
});

const auditKey = (
  em: EntityManager,
  command: 'issue' | 'revoke',
  { tenantId, id }: ApiKey,
  change: { before?: object; after?: object },
): Promise<void> => audit(em, { tenantId, action: `api-key.${command}`, thing: ['api-key', id], ...change });

@Controller()
export class ApiKeysResponder {
  constructor(private readonly orm: MikroORM) {}

  /** The one request without a tenant, as the key determines the tenant. */
  @RespondTo(FindApiKey)
  async find({ keyHash }: FindApiKey): Promise<FindApiKeyResponse> {
    const em = this.orm.em.fork();
    const key = await acrossTenants('find the tenant of an API key', () =>
      em.findOne(ApiKey, { hash: keyHash }, anyTenant),
    );
    return key ? inTenant(key.tenantId, () => holderOf(em, key)) : {};
  }
}

const anyTenant = { filters: { tenant: false } };

async function holderOf(em: EntityManager, key: ApiKey): Promise<FindApiKeyResponse> {
  const connector = await em.findOne(Connector, { id: key.connectorId }, anyTenant);
  const now = new Date();
  if (!connector || key.isExpired(now)) return {};
  await recordUse(em, key, now);
  const { id: apiKeyId, label, tenantId, connectorId } = key;
  const expiresAt = key.expiresAt?.toISOString();
  const connectorStatus = connector.status === 'paused' ? 'paused' : 'active';
  const { fieldNames, termOfFrequency } = connector;
  return {
    holder: {
      apiKeyId,
      label,
      tenantId,
      connectorId,
      connectorStatus,
      fieldNames,
      termOfFrequency,
      expiresAt,
    },
  };
}

const everyMs = 60_000;

/** Keeps `lastUsedAt` to the minute: a busy key must not cost a write per request. */
async function recordUse(em: EntityManager, key: ApiKey, now: Date): Promise<void> {
  if (key.lastUsedAt && now.getTime() - key.lastUsedAt.getTime() < everyMs) return;
  await em.nativeUpdate(ApiKey, { id: key.id }, { lastUsedAt: now }, anyTenant);
}
