import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { CallsController } from './calls.controller.ts';
import { CallStore } from './calls.store.ts';
import { RecordCalls } from './record-calls.job.ts';

/** Which calls Work 365 has made, for users. */
@Module({
  controllers: [CallsController],
  providers: [TenantStore, CallStore, RecordCalls],
})
export class CallsModule {}
