import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
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
  UuidParam,
  type Page,
} from '@isthmus/service-kit';
import { ConnectorConfigEnv } from '../config.ts';
import { ApiKey } from '../domain/api-key.entity.ts';
import { secretFields } from '../domain/connector-secret.entity.ts';
import { Connector } from '../domain/connector.entity.ts';
import { requireSecretsAgain } from '../domain/secrets-needed-again.ts';
import { sayChanged, sayCreated, sayRemoved } from '../messaging/connector-events.ts';
import { CredentialVault } from '../persistence/credential-vault.ts';
import { flushName } from '../persistence/flush-name.ts';
import { lockConnector, requireConnector } from '../persistence/require-connector.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { ChangeConnector } from './change-connector.dto.ts';
import { ConnectorView, showConnector } from './connector.view.ts';
import { CreateConnector } from './create-connector.dto.ts';
import { FieldProblems } from './field-problems.interceptor.ts';
import { changedSettings, newSettings } from './settings-of.ts';

@UseInterceptors(FieldProblems)
@Controller('v1/connectors')
export class ConnectorsController {
  readonly #allowPrivate: boolean;

  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
    env: ConnectorConfigEnv,
  ) {
    this.#allowPrivate = env.ALLOW_PRIVATE_ADDRESSES === 'yes';
  }

  @Get()
  @Allow('viewer')
  @Describe('The connectors of the tenant, by name.', { returns: ConnectorView, list: 'page' })
  list(@CurrentUser() { tenantId }: Principal, @Query() query: PageQuery): Promise<Page<ConnectorView>> {
    const [after] = decodeCursor(query.cursor, 1) ?? [];
    return this.store.read(tenantId, async (em) => {
      const later = after === undefined ? {} : { nameKey: { $gt: String(after) } };
      const rows = await em.find(Connector, later, { orderBy: { nameKey: 'asc' }, limit: query.limit + 1 });
      return pageOf(rows, query.limit, ({ nameKey }) => [nameKey], showConnector);
    });
  }

  @Post()
  @Allow('admin')
  @Describe('Sets up a connector. Nothing is sent to CMP yet.', { returns: ConnectorView })
  create(@CurrentUser() user: Principal, @Body() body: CreateConnector): Promise<Answer<ConnectorView>> {
    const settings = newSettings(body, this.#allowPrivate);
    return this.store.change(user.tenantId, async (em) => {
      const connector = Connector.create(user.tenantId, settings, new Date());
      await this.vault.store(em, connector, body, user.subject);
      em.persist(connector);
      await flushName(em, connector);
      sayCreated(em, connector);
      const headers = { etag: etag(connector.version) };
      return Answer.created(`/v1/connectors/${connector.id}`, showConnector(connector), headers);
    });
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('A connector without its secrets.', { returns: ConnectorView })
  read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<Answer<ConnectorView>> {
    return this.store.read(tenantId, async (em) => {
      const connector = await requireConnector(em, id);
      return tagged(showConnector(connector), connector.version);
    });
  }

  @Patch(':id')
  @Allow('admin')
  @Describe('Changes what the body names; what is left out, and what is the same, stays.', {
    returns: ConnectorView,
  })
  change(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: ChangeConnector,
  ): Promise<Answer<ConnectorView>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      requireVersion(version, connector.version);
      const now = new Date();
      const settings = changedSettings(body, connector, this.#allowPrivate);
      const newSecrets = secretFields.some((field) => body[field] !== undefined);
      requireSecretsAgain(connector, { ...body, ...settings });
      const changed = connector.change(settings, now);
      if (newSecrets) {
        await this.vault.store(em, connector, body, user.subject);
        connector.newConnection(now);
      }
      if (changed || newSecrets) {
        await flushName(em, connector);
        sayChanged(em, connector);
      }
      return tagged(showConnector(connector), connector.version);
    });
  }

  @Delete(':id')
  @Allow('admin')
  @HttpCode(204)
  @Describe('Removes a connector with its secrets and API keys for good; its name is free again.')
  async remove(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const now = new Date();
      connector.remove(now);
      await this.vault.wipe(em, connector);
      for (const key of await em.find(ApiKey, { connectorId: id })) key.revoke(now);
      await em.flush();
      sayRemoved(em, connector, user.subject);
    });
  }
}
