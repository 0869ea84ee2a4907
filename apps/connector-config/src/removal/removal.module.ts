import { Module } from '@nestjs/common';
import { ConnectorsModule } from '../connectors/connectors.module.ts';
import { ConnectorDependents } from './dependents.service.ts';
import { RemovalController } from './removal.controller.ts';

@Module({ imports: [ConnectorsModule], controllers: [RemovalController], providers: [ConnectorDependents] })
export class RemovalModule {}
