import {
  Allow,
  ApiResponse,
  Audited,
  CurrentUser,
  decodeCursor,
  Describe,
  etag,
  IfMatch,
  type OutboundRules,
  outboundRules,
  type Page,
  toPage,
  PageQuery,
  Principal,
  requireVersion,
  withEtag,
  UuidParam,
  TenantStore,
} from '@isthmus/service-kit';
import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, Delete, Get, HttpCode, Patch, Post, Put, Query } from '@nestjs/common';
import { ConnectorConfigEnv } from '../config.ts';
import { ConnectivityCheck } from './connectivity-check.service.ts';
import { ChangeConnector, CreateConnector, PauseRequest } from './connector-requests.dto.ts';
import { AttestationView, ConnectorView, toConnectorView, toConnectorViews } from './connector-views.dto.ts';
import { Connector, requireSecretsAgain } from './connector.entity.ts';
import { NotAttested, RestoreNotVerified } from './connector.errors.ts';
import {
  auditConnector,
  auditedFields,
  emitRestored,
  findArchived,
  saveWithUniqueName,
  lockArchived,
  lockConnector,
  requireConnector,
  requireRoomForConnector,
  emitChanged,
  emitCreated,
  emitPaused,
  emitResumed,
} from './connector.store.ts';
import { changedSettings, newSettings } from './connector.ts';
import { ConnectorDependents } from './dependents.service.ts';
import { CredentialVault } from '../credentials/credential-vault.service.ts';
import { secretFields } from '../credentials/credentials.store.ts';

@Controller('v1/connectors')
export class ConnectorsController {
  readonly #rules: OutboundRules;

  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
    private readonly check: ConnectivityCheck,
    private readonly dependents: ConnectorDependents,
    private readonly env: ConnectorConfigEnv,
  ) {
    this.#rules = outboundRules(env);
  }

  @Get()
  @Allow('viewer')
  @Describe("The tenant's connectors, by name.", { returns: ConnectorView, list: 'page' })
  list(@CurrentUser() { tenantId }: Principal, @Query() query: PageQuery): Promise<Page<ConnectorView>> {
    const [after] = decodeCursor(query.cursor, 1) ?? [];
    return this.store.read(tenantId, async (em) => {
      const later = after === undefined ? {} : { nameKey: { $gt: String(after) } };
      const rows = await em.find(Connector, later, { orderBy: { nameKey: 'asc' }, limit: query.limit + 1 });
      const page = toPage(
        rows,
        query.limit,
        ({ nameKey }) => [nameKey],
        (connector) => connector,
      );
      return { ...page, data: await toConnectorViews(em, page.data) };
    });
  }

  @Post()
  @Allow('admin')
  @Describe(
    'Creates a connector. Nothing is sent to CMP yet, unless a connector for the same account was removed before: then the settings are verified, and that connector is restored with its id.',
    { returns: ConnectorView },
  )
  @Audited('connector.create', 'connector.restore')
  async create(
    @CurrentUser() user: Principal,
    @Body() body: CreateConnector,
  ): Promise<ApiResponse<ConnectorView>> {
    const settings = newSettings(body, this.#rules);
    const archived = await this.store.read(user.tenantId, (em) => findArchived(em, settings));
    const restored = archived && (await this.#restore(user, body, archived));
    if (restored) return restored;
    return this.store.change(user.tenantId, async (em) => {
      await requireRoomForConnector(em, user.tenantId, this.env.CONNECTORS_PER_TENANT);
      const connector = Connector.create(user.tenantId, settings, new Date());
      await this.vault.store(em, connector, body, user.subject);
      em.persist(connector);
      await saveWithUniqueName(em, connector);
      emitCreated(em, connector);
      await auditConnector(em, connector, 'create', { also: secretsIn(body) });
      return created(em, connector);
    });
  }

  /**
   * All records of the archived connector become valid again, so CMP has to accept the credentials for its account first.
   * @returns undefined when another request has restored it meanwhile
   * @throws RestoreNotVerified
   */
  async #restore(
    user: Principal,
    body: CreateConnector,
    archived: Connector,
  ): Promise<ApiResponse<ConnectorView> | undefined> {
    const settings = changedSettings(body, archived, this.#rules);
    archived.change(settings, new Date());
    const verification = await this.check.run(archived, body);
    const failed = verification.steps.find(({ ok }) => !ok);
    if (failed) throw new RestoreNotVerified(archived.id, failed);
    return this.store.change(user.tenantId, async (em) => {
      await requireRoomForConnector(em, user.tenantId, this.env.CONNECTORS_PER_TENANT);
      const connector = await lockArchived(em, archived.id);
      if (!connector) return undefined;
      const before = auditedFields(connector);
      connector.restore(settings, verification, new Date());
      // Before the secrets: those of a connector that is not live are not found.
      await saveWithUniqueName(em, connector);
      await this.vault.store(em, connector, body, user.subject);
      emitRestored(em, connector);
      await auditConnector(em, connector, 'restore', { before, also: secretsIn(body) });
      return created(em, connector);
    });
  }

  @Get(':id')
  @Allow('viewer')
  @Describe('One connector, without its secrets.', { returns: ConnectorView })
  read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<ApiResponse<ConnectorView>> {
    return this.store.read(tenantId, async (em) => {
      const connector = await requireConnector(em, id);
      return withEtag(await toConnectorView(em, connector), connector.version);
    });
  }

  @Patch(':id')
  @Allow('admin')
  @Describe(
    'Changes the fields in the body; fields that are left out or equal are not changed. Account id and API URL stay as soon as anything was read or ordered through the connector.',
    { returns: ConnectorView },
  )
  @Audited('connector.update')
  change(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @IfMatch() version: number,
    @Body() body: ChangeConnector,
  ): Promise<ApiResponse<ConnectorView>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      requireVersion(version, connector.version);
      const now = new Date();
      const before = auditedFields(connector);
      const settings = changedSettings(body, connector, this.#rules);
      const newSecrets = secretFields.some((field) => body[field] !== undefined);
      requireSecretsAgain(connector, { ...body, ...settings });
      const moved = accountFields.filter(
        (field) => (settings[field] ?? connector[field]) !== connector[field],
      );
      if (moved.length > 0) await this.dependents.requireNone(connector, moved);
      const { apiUrl, username } = connector;
      const changed = connector.change(settings, now);
      if (newSecrets) {
        await this.vault.store(em, connector, body, user.subject, { apiUrl, username });
        connector.newConnection(now);
      }
      if (changed || newSecrets) {
        await saveWithUniqueName(em, connector);
        emitChanged(em, connector);
        await auditConnector(em, connector, 'update', { before, also: secretsIn(body) });
      }
      return withEtag(await toConnectorView(em, connector), connector.version);
    });
  }
}

const accountFields = ['accountId', 'apiUrl'] as const;

/** Names of the secrets that a request replaces, for the audit log; never their values. */
const secretsIn = (body: ChangeConnector | CreateConnector): object =>
  Object.fromEntries(
    secretFields.filter((field) => body[field] !== undefined).map((field) => [field, 'changed']),
  );

async function created(em: EntityManager, connector: Connector): Promise<ApiResponse<ConnectorView>> {
  const headers = { etag: etag(connector.version) };
  return ApiResponse.created(`/v1/connectors/${connector.id}`, await toConnectorView(em, connector), headers);
}

@Controller('v1/connectors/:id')
export class ConnectorStatusController {
  constructor(private readonly store: TenantStore) {}

  @Post('pause')
  @HttpCode(200)
  @Allow('operator')
  @Describe(
    'Pauses the connector: nothing is read from or ordered at CMP until it is resumed. If it was paused because of an error, the reason remains but the pause counts as yours.',
    {
      returns: ConnectorView,
    },
  )
  @Audited('connector.pause')
  pause(
    @CurrentUser() user: Principal,
    @UuidParam() id: string,
    @Body() body: PauseRequest,
  ): Promise<ApiResponse<ConnectorView>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const before = auditedFields(connector);
      const why = {
        by: user.subject,
        automatic: false,
        cause: 'person',
        detail: body?.reason ?? `${user.subject} paused it.`,
        nextStep: 'Resume the connector when it can be used again.',
      };
      if (connector.pause(why, new Date())) {
        await em.flush();
        emitPaused(em, connector);
        await auditConnector(em, connector, 'pause', { before, reason: body?.reason });
      }
      return withEtag(await toConnectorView(em, connector), connector.version);
    });
  }

  @Post('resume')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Resumes a paused connector without verifying it first.', {
    returns: ConnectorView,
  })
  @Audited('connector.resume')
  resume(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<ApiResponse<ConnectorView>> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const before = auditedFields(connector);
      if (connector.resume(new Date())) {
        await em.flush();
        emitResumed(em, connector, user.subject);
        await auditConnector(em, connector, 'resume', { before });
      }
      return withEtag(await toConnectorView(em, connector), connector.version);
    });
  }
}

/**
 * Microsoft requires the reseller to attest to being the partner of record; it is recorded once and sent with orders that
 * require it.
 */
@Controller('v1/connectors/:id/partner-attestation')
export class PartnerAttestationController {
  constructor(private readonly store: TenantStore) {}

  @Get()
  @Allow('viewer')
  @Describe('Who attested to being the partner of record, and when; 404 if nobody did.', {
    returns: AttestationView,
  })
  read(@CurrentUser() { tenantId }: Principal, @UuidParam() id: string): Promise<AttestationView> {
    return this.store.read(tenantId, async (em) => {
      const { partnerAttestation } = await requireConnector(em, id);
      if (!partnerAttestation) throw new NotAttested(id);
      return partnerAttestation;
    });
  }

  @Put()
  @Allow('operator')
  @Describe(
    "Records that the caller attests to being the partner of record of the connector's customers. An existing attestation is not changed.",
    { returns: AttestationView },
  )
  @Audited('connector.attest')
  record(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<AttestationView> {
    return this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const before = auditedFields(connector);
      if (connector.attest(user.subject, new Date())) {
        await em.flush();
        emitChanged(em, connector);
        await auditConnector(em, connector, 'attest', { before });
      }
      if (!connector.partnerAttestation) throw new NotAttested(id);
      return connector.partnerAttestation;
    });
  }

  @Delete()
  @Allow('operator')
  @HttpCode(204)
  @Describe('Withdraws the attestation; orders that require it are rejected until it is recorded again.')
  @Audited('connector.withdraw-attestation')
  async withdraw(@CurrentUser() user: Principal, @UuidParam() id: string): Promise<void> {
    await this.store.change(user.tenantId, async (em) => {
      const connector = await lockConnector(em, id);
      const before = auditedFields(connector);
      if (!connector.withdrawAttestation(new Date())) return;
      await em.flush();
      emitChanged(em, connector);
      await auditConnector(em, connector, 'withdraw-attestation', { before });
    });
  }
}
