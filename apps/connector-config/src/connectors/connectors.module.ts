import { BadConfiguration, KeyRing, TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { ConnectorConfigEnv } from '../config.ts';
import { ConnectivityCheck } from './connectivity-check.service.ts';
import {
  ConnectorsController,
  ConnectorStatusController,
  PartnerAttestationController,
} from './connectors.controller.ts';
import { ConnectorsResponder } from './connectors.responder.ts';
import { CredentialVault, ResealSecrets } from './credential-vault.service.ts';
import { ConnectorDependents } from './dependents.service.ts';

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

/** Connectors with their sealed credentials. */
@Module({
  controllers: [
    ConnectorsController,
    ConnectorStatusController,
    PartnerAttestationController,
    ConnectorsResponder,
  ],
  providers: [keyRing, TenantStore, CredentialVault, ConnectivityCheck, ResealSecrets, ConnectorDependents],
  exports: [TenantStore, CredentialVault, ConnectivityCheck, ConnectorDependents],
})
export class ConnectorsModule {}
