import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Get, Patch, Post, Query, UseInterceptors } from '@nestjs/common';
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
import { secretFields } from '../domain/connector-secret.entity.ts';
import { Connector } from '../domain/connector.entity.ts';
import { RestoreNotVerified } from '../domain/connector.errors.ts';
import { requireSecretsAgain } from '../domain/secrets-needed-again.ts';
import { emitRestored, sayChanged, sayCreated } from '../messaging/connector-events.ts';
import { CredentialVault } from '../persistence/credential-vault.ts';
import { flushName } from '../persistence/flush-name.ts';
import { lockConnector, requireConnector } from '../persistence/require-connector.ts';
import { findArchived, lockArchived } from '../persistence/same-account.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { ConnectivityCheck } from '../verification/connectivity-check.ts';
import { ChangeConnector } from './change-connector.dto.ts';
import { ConnectorView, showConnector, showConnectors } from './connector.view.ts';
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
    private readonly check: ConnectivityCheck,
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
      const page = pageOf(
        rows,
        query.limit,
        ({ nameKey }) => [nameKey],
        (connector) => connector,
      );
      return { ...page, data: await showConnectors(em, page.data) };
    });
  }

  @Post()
  @Allow('admin')
  @Describe(
    'Sets up a connector. Nothing is sent to CMP yet, unless a connector for the same account was removed before: then the settings are verified and that one is taken up again, with its id.',
    { returns: ConnectorView },
  )
  async create(
    @CurrentUser() user: Principal,
    @Body() body: CreateConnector,
  ): Promise<Answer<ConnectorView>> {
    const settings = newSettings(body, this.#allowPrivate);
    const archived = await this.store.read(user.tenantId, (em) => findArchived(em, settings));
    const restored = archived && (await this.#restore(user, body, archived));
    if (restored) return restored;
    return this.store.change(user.tenantId, async (em) => {
      const connector = Connector.create(user.tenantId, settings, new Date());
      await this.vault.store(em, connector, body, user.subject);
      em.persist(connector);
      await flushName(em, connector);
      sayCreated(em, connector);
      return created(em, connector);
    });
  }

  /**
   * Everything known through the archived connector becomes valid again for whoever sets it up, so CMP has to accept the
   * credentials for its account first.
   * @returns undefined when somebody else has taken it up meanwhile
   * @throws RestoreNotVerified
   */
  async #restore(
    user: Principal,
    body: CreateConnector,
    archived: Connector,
  ): Promise<Answer<ConnectorView> | undefined> {
    const settings = changedSettings(body, archived, this.#allowPrivate);
    archived.change(settings, new Date());
    const verification = await this.check.run(archived, body);
    const failed = verification.steps.find(({ ok }) => !ok);
    if (failed) throw new RestoreNotVerified(archived.id, failed);
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockArchived(em, archived.id);
      if (!connector) return undefined;
      connector.restore(settings, verification, new Date());
      // Before the secrets: those of a connector that is not live are not found.
      await flushName(em, connector);
      await this.vault.store(em, connector, body, user.subject);
      emitRestored(em, connector);
      return created(em, connector);
    });
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('A connector without its secrets.', { returns: ConnectorView })
  read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<Answer<ConnectorView>> {
    return this.store.read(tenantId, async (em) => {
      const connector = await requireConnector(em, id);
      return tagged(await showConnector(em, connector), connector.version);
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
      return tagged(await showConnector(em, connector), connector.version);
    });
  }
}

async function created(em: EntityManager, connector: Connector): Promise<Answer<ConnectorView>> {
  const headers = { etag: etag(connector.version) };
  return Answer.created(`/v1/connectors/${connector.id}`, await showConnector(em, connector), headers);
}
