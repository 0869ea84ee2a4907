import { keyRingProvider, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { ConnectorConfigEnv } from '../config.ts';
import { CredentialVault } from '../credentials/credential-vault.service.ts';
import { keyRotation } from '../credentials/credentials.store.ts';
import { ConnectivityCheck } from './connectivity-check.service.ts';
import {
  ConnectorsController,
  ConnectorStatusController,
  PartnerAttestationController,
} from './connectors.controller.ts';
import { ConnectorsResponder } from './connectors.responder.ts';
import { ConnectorDependents } from './dependents.service.ts';

/** Connectors with their sealed credentials. */
@Module({
  controllers: [
    ConnectorsController,
    ConnectorStatusController,
    PartnerAttestationController,
    ConnectorsResponder,
  ],
  providers: [
    keyRingProvider(ConnectorConfigEnv, 'SECRET_RING', 'credentials of connectors are stored sealed'),
    keyRotation,
    TenantStore,
    CredentialVault,
    ConnectivityCheck,
    ConnectorDependents,
  ],
  exports: [TenantStore, CredentialVault, ConnectivityCheck, ConnectorDependents],
})
export class ConnectorsModule {}
