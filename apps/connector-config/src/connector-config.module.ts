import { BadConfiguration, KeyRing, type ServiceOptions, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { ApiKey } from './api-keys/api-key.entity.ts';
import { ApiKeysController } from './api-keys/api-keys.controller.ts';
import { ApiKeysResponder } from './api-keys/api-keys.responder.ts';
import { ConnectorConfigEnv } from './config.ts';
import { ConnectivityCheck } from './connectors/connectivity-check.service.ts';
import { Connector } from './connectors/connector.entity.ts';
import {
  ConnectorsController,
  ConnectorStatusController,
  PartnerAttestationController,
} from './connectors/connectors.controller.ts';
import { ConnectorsResponder } from './connectors/connectors.responder.ts';
import { ConnectorSecret, CredentialVault, ResealSecrets } from './connectors/credential-vault.service.ts';
import {
  M0001CreateConnectors,
  M0002FieldNames,
  M0003OrderSettings,
  M0004ArchivedConnectors,
} from './migrations/migrations.ts';
import { ConnectorDependents } from './connectors/dependents.service.ts';
import { RemovalController } from './removal/removal.controller.ts';
import { VerifyController } from './verification/verification.controller.ts';

const keyRing = {
  provide: KeyRing,
  inject: [ConnectorConfigEnv],
  useFactory(env: ConnectorConfigEnv): KeyRing {
    const ring = KeyRing.ofEnvironment(env);
    if (ring) return ring;
    const message = 'it or SECRET_RING_FILE must be set; storing connectors requires a key';
    throw new BadConfiguration([{ variable: 'SECRET_RING', message }]);
  },
};

/** Connectors with their sealed credentials and API keys: set up, verified, opened for other services, and removed. */
@Module({
  controllers: [
    ConnectorsController,
    ConnectorStatusController,
    PartnerAttestationController,
    ConnectorsResponder,
    VerifyController,
    RemovalController,
    ApiKeysController,
    ApiKeysResponder,
  ],
  providers: [keyRing, TenantStore, CredentialVault, ConnectivityCheck, ResealSecrets, ConnectorDependents],
})
class ConnectorConfigModule {}

/** The service's options; `main.ts` and the tests start it with the same ones. */
export const connectorConfig = {
  service: 'connector-config',
  title: 'Connectors',
  description: "Connectors: how each tenant's CMP account is reached, and with which credentials.",
  module: ConnectorConfigModule,
  config: ConnectorConfigEnv,
  database: {
    entities: [Connector, ConnectorSecret, ApiKey],
    migrations: [M0001CreateConnectors, M0002FieldNames, M0003OrderSettings, M0004ArchivedConnectors],
  },
  problems: {
    'connector.not-found': 404,
    'connector.name-taken': 409,
    'connector.marketplace-unknown': 400,
    'connector.secret-needed-again': 400,
    'connector.illegal-action': 409,
    'connector.has-records': 409,
    'connector.dependents-unknown': 503,
    'connector.restore-not-verified': 422,
    'connector.not-attested': 404,
    'api-key.not-found': 404,
    'secret.key-missing': 503,
    'secret.not-opened': 409,
  },
} satisfies ServiceOptions<ConnectorConfigEnv>;
