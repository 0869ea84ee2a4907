import { Module } from '@nestjs/common';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.ts';
import { AgreementsController, AgreementsResponder } from './agreements.controller.ts';
import { AgreementStore } from './agreements.store.ts';
import { CountriesController, UtilitiesController } from './customer-checks.controller.ts';
import { CustomersController } from './customers.controller.ts';
import { CustomerCreation } from './customers.service.ts';

@Module({
  imports: [SubscriptionsModule],
  controllers: [
    CustomersController,
    AgreementsController,
    AgreementsResponder,
    UtilitiesController,
    CountriesController,
  ],
  providers: [CustomerCreation, AgreementStore],
  exports: [AgreementStore],
})
export class CustomersModule {}
