import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { ApiKeysController, ApiKeysResponder } from './api-keys.controller.ts';

@Module({ imports: [ConnectorsModule], controllers: [ApiKeysController, ApiKeysResponder] })
export class ApiKeysModule {}
