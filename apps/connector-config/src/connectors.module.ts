import { Module } from '@nestjs/common';
import { BadConfiguration, KeyRing } from '@isthmus/service-kit';
import { ConnectorConfigEnv } from './config.ts';
import { ApiKeysController } from './http/api-keys.controller.ts';
import { ConnectorStatusController } from './http/connector-status.controller.ts';
import { ConnectorsController } from './http/connectors.controller.ts';
import { PartnerAttestationController } from './http/partner-attestation.controller.ts';
import { RemovalController } from './http/removal.controller.ts';
import { VerifyController } from './http/verify.controller.ts';
import { ResealSecrets } from './jobs/reseal-secrets.job.ts';
import { AnswerFindApiKey } from './messaging/find-api-key.answer.ts';
import { AnswerOpenConnector } from './messaging/open-connector.answer.ts';
import { AnswerPauseConnector } from './messaging/pause-connector.answer.ts';
import { ConnectorDependents } from './messaging/connector-dependents.ts';
import { AnswerReadConnector } from './messaging/read-connector.answer.ts';
import { CredentialVault } from './persistence/credential-vault.ts';
import { TenantStore } from './persistence/tenant-store.ts';
import { ConnectivityCheck } from './verification/connectivity-check.ts';

const keyRing = {
  provide: KeyRing,
  inject: [ConnectorConfigEnv],
  useFactory(env: ConnectorConfigEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(env);
    if (ring) return ring;
    const message = 'it or SECRET_RING_FILE must be set; connectors cannot be stored without a key';
    throw new BadConfiguration([{ variable: 'SECRET_RING', message }]);
  },
};

@Module({
  controllers: [
    // people
    ConnectorsController,
    ConnectorStatusController,
    VerifyController,
    PartnerAttestationController,
    RemovalController,
    ApiKeysController,
    // other services
    AnswerOpenConnector,
    AnswerReadConnector,
    AnswerPauseConnector,
    AnswerFindApiKey,
  ],
  providers: [
    keyRing,
    TenantStore,
    CredentialVault,
    ConnectivityCheck,
    ConnectorDependents,
    // the clock
    ResealSecrets,
  ],
})
export class ConnectorsModule {}
