import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { ApiKeyExpiry } from './api-key-expiry.job.ts';
import { ApiKeysController, ApiKeysResponder } from './api-keys.controller.ts';

@Module({
  imports: [ConnectorsModule],
  controllers: [ApiKeysController, ApiKeysResponder],
  providers: [ApiKeyExpiry],
})
export class ApiKeysModule {}
