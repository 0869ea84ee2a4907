import { Module } from '@nestjs/common';
import { DeliveriesModule } from '../deliveries/deliveries.module.ts';
import { EventHandler } from './event.handler.ts';
import { EventStore } from './event.store.ts';
import { PruneEvents } from './prune-events.job.ts';

/** Consumes and stores every public event, with a delivery for each endpoint that subscribes to it. */
@Module({
  imports: [DeliveriesModule],
  controllers: [EventHandler],
  providers: [EventStore, PruneEvents],
})
export class EventsModule {}
