import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  Allow,
  Audited,
  CurrentUser,
  Describe,
  NotAudited,
  type OutboundRules,
  outboundRules,
  Principal,
  TenantStore,
  UuidParam,
} from '@isthmus/service-kit';
import { ConnectorConfigEnv } from '../config.ts';
import { Connector, requireSecretsAgain } from '../connectors/connector.entity.ts';
import { CredentialVault } from '../credentials/credential-vault.service.ts';
import {
  auditConnector,
  auditedFields,
  lockConnector,
  requireConnector,
  emitResumed,
  storeVerification,
} from '../connectors/connector.store.ts';
import { ConnectivityCheck } from '../connectors/connectivity-check.service.ts';
import { ChangeConnector, VerifyConnector } from '../connectors/connector-requests.dto.ts';
import { changedSettings, newSettings } from '../connectors/connector.ts';
import { VerificationView } from '../connectors/connector-views.dto.ts';

@Controller('v1/connectors')
export class VerifyController {
  readonly #rules: OutboundRules;

  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
    private readonly check: ConnectivityCheck,
    env: ConnectorConfigEnv,
  ) {
    this.#rules = outboundRules(env);
  }

  @Post('verify')
  @HttpCode(200)
  @Allow('operator')
  @Describe('Checks settings without saving anything.', { returns: VerificationView })
  @NotAudited('Nothing is saved.')
  verifyUnsaved(@CurrentUser() user: Principal, @Body() body: VerifyConnector): Promise<VerificationView> {
    const settings = newSettings(body, this.#rules);
    const connector = Connector.create(
      user.tenantId,
      { ...settings, name: body.name ?? 'not saved' },
      new Date(),
    );
    return this.check.run(connector, body);
  }

  @Post(':id/verify')
  @HttpCode(200)
  @Allow('operator')
  @Describe(
    'Checks the saved settings and stores the result; a connector that was paused because of an error is resumed if all checks pass. With a body, checks the changed settings and stores nothing.',
    {
      returns: VerificationView,
    },
  )
  @Audited('connector.verify')
  async verify(
    @CurrentUser() { tenantId, subject }: Principal,
    @UuidParam() id: string,
    @Body() body: ChangeConnector,
  ): Promise<VerificationView> {
    const { connector, verification, unsaved } = await this.store.read(tenantId, async (em) => {
      const connector = await requireConnector(em, id);
      const stored = await this.vault.open(em, connector);
      const settings = changedSettings(body, connector, this.#rules);
      requireSecretsAgain(connector, { ...body, ...settings });
      const changed = connector.change(settings, new Date());
      const verification = await this.check.run(connector, {
        password: body.password ?? stored.password.reveal(),
        subscriptionKey: body.subscriptionKey ?? stored.subscriptionKey.reveal(),
      });
      const unsaved = changed || body.password !== undefined || body.subscriptionKey !== undefined;
      return { connector, verification, unsaved };
    });
    if (!unsaved) {
      await this.store.change(tenantId, async (em) => {
        if (!(await storeVerification(em, connector, verification))) return;
        const locked = await lockConnector(em, id);
        const before = auditedFields(locked);
        if (verification.ok) await resumeAfterError(em, locked, subject);
        const failed = verification.steps.filter(({ ok }) => !ok).map(({ step, cause }) => ({ step, cause }));
        await auditConnector(em, locked, 'verify', { before, also: { verified: verification.ok, failed } });
      });
    }
    return verification;
  }
}

/** The error that paused it is gone. What a person paused stays paused: they had another reason. */
async function resumeAfterError(em: EntityManager, connector: Connector, by: string): Promise<void> {
  if (!connector.paused?.automatic || !connector.resume(new Date())) return;
  await em.flush();
  emitResumed(em, connector, by);
}
