import { Module } from '@nestjs/common';
import { SubscriptionsModule } from '../subscriptions/subscriptions.module.ts';
import { WriteIntentsModule } from '../write-intents/write-intents.module.ts';
import { InvoicesController } from './invoices.controller.ts';
import { InvoiceReader } from './invoices.service.ts';
import { PriceListsController } from './price-lists.controller.ts';

@Module({
  imports: [SubscriptionsModule, WriteIntentsModule],
  controllers: [InvoicesController, PriceListsController],
  providers: [InvoiceReader],
})
export class BillingModule {}
