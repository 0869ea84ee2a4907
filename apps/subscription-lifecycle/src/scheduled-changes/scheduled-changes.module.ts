import { Module } from '@nestjs/common';
import { OrdersModule } from '../orders/orders.module.ts';
import { DueChanges } from './scheduled-change.store.ts';
import { ScheduledChangesController } from './scheduled-changes.controller.ts';
import { ScheduledChangeService } from './scheduled-changes.service.ts';
import { OrderDueChanges } from './scheduled-changes.worker.ts';

@Module({
  imports: [OrdersModule],
  controllers: [ScheduledChangesController],
  providers: [ScheduledChangeService, DueChanges, OrderDueChanges],
})
export class ScheduledChangesModule {}
