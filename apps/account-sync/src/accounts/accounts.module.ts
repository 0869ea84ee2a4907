import { TenantStore } from '@isthmus/service-kit';
import { ConnectorLookup } from '@isthmus/sync-engine';
import { Module } from '@nestjs/common';
import { NewAccountsController, ProviderAccountsController } from './accounts.controller.ts';
import { AccountsResponder } from './accounts.responder.ts';

/** Provider accounts as they are read and edited; only the worker creates them at CMP (`worker.module.ts`). */
@Module({
  controllers: [ProviderAccountsController, NewAccountsController, AccountsResponder],
  providers: [TenantStore, ConnectorLookup],
})
export class AccountsModule {}
