import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { DeliveriesModule } from '../deliveries/deliveries.module.ts';
import { EventHandler } from './event.handler.ts';
import { EventFeed } from './event-list.store.ts';
import { EventStore } from './event.store.ts';
import { EventsController } from './events.controller.ts';
import { PruneEvents } from './prune-events.job.ts';

/** Consumes and stores every public event, with a delivery for each endpoint that subscribes to it. */
@Module({
  imports: [DeliveriesModule],
  controllers: [EventHandler, EventsController],
  providers: [TenantStore, EventFeed, EventStore, PruneEvents],
})
export class EventsModule {}
