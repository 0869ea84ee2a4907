import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { RemovalController } from './removal.controller.ts';

@Module({ imports: [ConnectorsModule], controllers: [RemovalController] })
export class RemovalModule {}
