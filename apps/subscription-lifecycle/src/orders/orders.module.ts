import { Module } from '@nestjs/common';
import { PostgresOrderStore } from './order.store.ts';
import { OrderActionsController, OrdersController } from './orders.controller.ts';
import { OrdersResponder } from './orders.responder.ts';
import { OrderService } from './orders.service.ts';
import { OrderWorker } from './protocol/orders.worker.ts';
import { ChangeRulesSource, OrderResolver } from './resolving/order-resolver.service.ts';

@Module({
  controllers: [OrdersController, OrderActionsController, OrdersResponder],
  providers: [PostgresOrderStore, OrderService, OrderResolver, ChangeRulesSource, OrderWorker],
  exports: [PostgresOrderStore, OrderService, OrderResolver, ChangeRulesSource],
})
export class OrdersModule {}
