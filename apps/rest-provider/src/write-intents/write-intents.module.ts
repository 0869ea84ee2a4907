import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { FinishIntents } from './finish-intents.worker.ts';
import { IntentOrders } from './intent-orders.service.ts';
import { OrderEvents } from './order.events.ts';
import { WriteIntentStore } from './write-intents.store.ts';
import { WritesController } from './writes.controller.ts';

@Module({
  controllers: [WritesController],
  providers: [TenantStore, WriteIntentStore, OrderEvents, IntentOrders, FinishIntents],
  exports: [WriteIntentStore, IntentOrders],
})
export class WriteIntentsModule {}
