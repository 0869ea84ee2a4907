import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { ApiKeysController } from './api-keys.controller.ts';
import { ApiKeysResponder } from './api-keys.responder.ts';

@Module({ imports: [ConnectorsModule], controllers: [ApiKeysController, ApiKeysResponder] })
export class ApiKeysModule {}
