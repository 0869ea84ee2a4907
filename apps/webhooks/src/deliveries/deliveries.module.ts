import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { EndpointsModule } from '../endpoints/endpoints.module.ts';
import {
  DeliveriesController,
  RedeliveryController,
  TestEndpointController,
} from './deliveries.controller.ts';
import { DeliveryQueue } from './delivery-queue.store.ts';
import { DeliveryWorker } from './delivery.worker.ts';
import { WebhookSender } from './webhook-sender.service.ts';

/** Sends events to endpoints until they arrive, logs the attempts, and sends again on request. */
@Module({
  imports: [EndpointsModule],
  controllers: [TestEndpointController, RedeliveryController, DeliveriesController],
  providers: [TenantStore, DeliveryQueue, WebhookSender, DeliveryWorker],
  exports: [DeliveryWorker],
})
export class DeliveriesModule {}
