import { Controller } from '@nestjs/common';
import { OpenConnector, type OpenedConnector } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { CredentialVault } from '../persistence/credential-vault.ts';
import { requireConnector } from '../persistence/require-connector.ts';
import { TenantStore } from '../persistence/tenant-store.ts';

@Controller()
export class AnswerOpenConnector {
  constructor(
    private readonly store: TenantStore,
    private readonly vault: CredentialVault,
  ) {}

  /** Paused ones are answered too; whoever asks decides what a pause means to it. */
  @Answers(OpenConnector)
  open({ tenantId, connectorId }: OpenConnector): Promise<OpenedConnector> {
    return this.store.read(tenantId, async (em) => {
      const connector = await requireConnector(em, connectorId);
      const { password, subscriptionKey } = await this.vault.sealed(em, connector);
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
}
