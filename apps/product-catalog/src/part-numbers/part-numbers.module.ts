import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { PartNumberController, PartNumbersController } from './part-numbers.controller.ts';
import { PartNumbersResponder } from './part-numbers.responder.ts';
import { ProjectSubscriptionUses } from './subscription-uses.handler.ts';

@Module({
  controllers: [PartNumbersController, PartNumberController, PartNumbersResponder, ProjectSubscriptionUses],
  providers: [TenantStore],
})
export class PartNumbersModule {}
