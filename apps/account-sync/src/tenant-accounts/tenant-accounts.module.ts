import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import {
  AccountLinkController,
  AccountLinksController,
  TenantAccountImportController,
  TenantAccountsController,
} from './tenant-accounts.controller.ts';

/** Tenant accounts, and which provider accounts are linked to them. */
@Module({
  controllers: [
    AccountLinksController,
    AccountLinkController,
    TenantAccountImportController,
    TenantAccountsController,
  ],
  providers: [TenantStore],
})
export class TenantAccountsModule {}
