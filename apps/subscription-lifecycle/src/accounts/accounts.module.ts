import { Module } from '@nestjs/common';
import { AccountEvents, ConnectorEvents, ConnectorRecordsResponder } from './accounts.events.ts';

@Module({ controllers: [AccountEvents, ConnectorEvents, ConnectorRecordsResponder] })
export class AccountsModule {}
