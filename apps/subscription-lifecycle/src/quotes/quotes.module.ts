import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.ts';
import { QuotesController } from './quotes.controller.ts';
import { QuoteService } from './quotes.service.ts';
import { PruneQuotes } from './quotes.store.ts';

@Module({
  imports: [OrdersModule],
  controllers: [QuotesController],
  providers: [QuoteService, PruneQuotes],
})
export class QuotesModule {}
