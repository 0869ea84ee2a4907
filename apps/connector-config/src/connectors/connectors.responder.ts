import { serviceActor, TenantStore } from '@isthmus/service-kit';
import {
  OpenConnector,
  type OpenConnectorResponse,
  PauseConnector,
  type PauseConnectorResponse,
  ReadConnector,
  type ReadConnectorResponse,
} from '@isthmus/contracts';
import { RespondTo } from '@isthmus/messaging';
import { Controller } from '@nestjs/common';
import { Connector } from './connector.entity.ts';
import {
  auditConnector,
  auditedFields,
  emitPaused,
  lockConnector,
  settledConnector,
  toConnectorSettings,
} from './connector.store.ts';
import { CredentialVault } from '../credentials/credential-vault.service.ts';

/** Requests of other services about connectors. */
@Controller()
export class ConnectorsResponder {
  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
  ) {}

  /** Includes paused ones: the requesting service decides what a pause means. */
  @RespondTo(OpenConnector)
  open({ tenantId, connectorId, keyIds }: OpenConnector): Promise<OpenConnectorResponse> {
    return this.store.change(tenantId, async (em) => {
      const connector = await settledConnector(em, connectorId);
      const { password, subscriptionKey } = await this.vault.sealed(em, connector, keyIds);
      const { name, apiUrl, username, marketplace, accountId, country, currency, callLimit } = connector;
      const partnerAttestation = connector.partnerAttestation ?? undefined;
      const status = connector.status === 'paused' ? 'paused' : 'active';
      const sealed = {
        password: password.sealed,
        passwordVersion: password.version,
        subscriptionKey: subscriptionKey.sealed,
        subscriptionKeyVersion: subscriptionKey.version,
      };
      return {
        connectorId,
        name,
        status,
        apiUrl,
        username,
        marketplace,
        accountId,
        country,
        currency,
        callLimit,
        partnerAttestation,
        sealed,
      };
    });
  }

  @RespondTo(ReadConnector)
  read({ tenantId, connectorId }: ReadConnector): Promise<ReadConnectorResponse> {
    return this.store.read(tenantId, async (em) => {
      const connector = await em.findOne(Connector, { id: connectorId });
      if (!connector) return {};
      const { paused } = connector;
      const pause = paused && { cause: paused.cause, detail: paused.detail, nextStep: paused.nextStep };
      return { connector: { ...toConnectorSettings(connector), ...(pause && { paused: pause }) } };
    });
  }

  /** However many workers report the same refusal, it is paused, and the event published, once. */
  @RespondTo(PauseConnector)
  pause({ tenantId, connectorId, cause, detail, nextStep }: PauseConnector): Promise<PauseConnectorResponse> {
    return this.store.change(tenantId, async (em) => {
      const connector = await lockConnector(em, connectorId);
      // Only account-sync reads CMP independently and sends this request; the request does not contain its sender.
      const before = auditedFields(connector);
      const why = { by: 'account-sync', automatic: true, cause, detail, nextStep };
      if (connector.pause(why, new Date())) {
        await em.flush();
        emitPaused(em, connector);
        await auditConnector(em, connector, 'pause', {
          before,
          reason: detail,
          by: serviceActor('account-sync'),
        });
      }
      return { status: 'paused' };
    });
  }
}
