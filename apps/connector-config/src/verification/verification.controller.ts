import type { EntityManager } from '@mikro-orm/postgresql';
import { Body, Controller, HttpCode, Post } from '@nestjs/common';
import {
  Allow,
  CurrentUser,
  Describe,
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
    'Checks the saved settings and stores the result; a connector that was paused because of an error is resumed if all checks pass. With a body, checks that change and stores nothing.',
    {
      returns: VerificationView,
    },
  )
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
        const current = await storeVerification(em, connector, verification);
        if (current && verification.ok) await resumeAfterError(em, id, subject);
      });
    }
    return verification;
  }
}

/** The error that paused it is gone. What a person paused stays paused: they had another reason. */
async function resumeAfterError(em: EntityManager, id: string, by: string): Promise<void> {
  const connector = await lockConnector(em, id);
  if (!connector.paused?.automatic || !connector.resume(new Date())) return;
  await em.flush();
  emitResumed(em, connector, by);
}
