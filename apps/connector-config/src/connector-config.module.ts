import { Module } from '@nestjs/common';
import { ApiKeysModule } from './api-keys/api-keys.module.ts';
import { ConnectorsModule } from './connectors/connectors.module.ts';
import { RemovalModule } from './removal/removal.module.ts';
import { VerificationModule } from './verification/verification.module.ts';

@Module({ imports: [ConnectorsModule, VerificationModule, RemovalModule, ApiKeysModule] })
export class ConnectorConfigModule {}
