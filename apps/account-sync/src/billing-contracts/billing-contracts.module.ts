import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { BillingContractsController } from './billing-contracts.controller.ts';

@Module({
  controllers: [BillingContractsController],
  providers: [TenantStore],
})
export class BillingContractsModule {}
