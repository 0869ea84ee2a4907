import { Module } from '@nestjs/common';
import { DeliveriesModule } from './deliveries/deliveries.module.ts';
import { EndpointsModule } from './endpoints/endpoints.module.ts';
import { EventsModule } from './events/events.module.ts';

@Module({ imports: [EndpointsModule, DeliveriesModule, EventsModule] })
export class WebhooksModule {}
