import { Module } from '@nestjs/common';
import { AccountEvents } from './accounts.events.ts';
import { ConnectorEvents, ConnectorRecordsResponder } from './connectors.events.ts';

@Module({ controllers: [AccountEvents, ConnectorEvents, ConnectorRecordsResponder] })
export class AccountsModule {}
