import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { ProviderSubscriptionsController } from './subscriptions.controller.ts';

@Module({
  controllers: [ProviderSubscriptionsController],
  providers: [TenantStore],
})
export class SubscriptionsModule {}
