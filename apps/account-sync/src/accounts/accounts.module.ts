import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { ProviderAccountsController } from './accounts.controller.ts';
import { AccountsResponder } from './accounts.responder.ts';

/** Provider accounts as they are read and edited; only the worker creates them at CMP (`worker.module.ts`). */
@Module({
  controllers: [ProviderAccountsController, AccountsResponder],
  providers: [TenantStore],
})
export class AccountsModule {}
