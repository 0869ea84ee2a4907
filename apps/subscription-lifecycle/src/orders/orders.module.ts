import { Module } from '@nestjs/common';
import { ProviderOrdersController } from './at-cmp/provider-orders.controller.ts';
import { OrderCallsController } from './calls/order-calls.controller.ts';
import { OrderCalls, PruneOrderCalls } from './calls/order-calls.store.ts';
import { PostgresOrderStore } from './order.store.ts';
import { OrderActionsController, OrdersController } from './orders.controller.ts';
import { OrdersResponder } from './orders.responder.ts';
import { OrderService } from './orders.service.ts';
import { OrderWorker } from './protocol/orders.worker.ts';
import { ChangeRulesSource, OrderResolver } from './resolving/order-resolver.service.ts';
import { PurchaseParametersController } from './resolving/purchase-parameters.controller.ts';

@Module({
  controllers: [
    ProviderOrdersController,
    OrdersController,
    OrderActionsController,
    OrderCallsController,
    PurchaseParametersController,
    OrdersResponder,
  ],
  providers: [
    PostgresOrderStore,
    OrderService,
    OrderResolver,
    ChangeRulesSource,
    OrderCalls,
    PruneOrderCalls,
    OrderWorker,
  ],
  exports: [PostgresOrderStore, OrderService, OrderResolver, ChangeRulesSource],
})
export class OrdersModule {}
