import { TenantStore } from '@isthmus/service-kit';
import { Module } from '@nestjs/common';
import { SyncRunsModule } from '../sync/sync-runs.module.ts';
import {
  InvoicesController,
  RatedReportsController,
  ReportFormatsController,
} from './invoices.controller.ts';
import { InvoicesResponder } from './invoices.responder.ts';

/** Read-only API for imported rated data; re-imports are sync runs. */
@Module({
  imports: [SyncRunsModule],
  controllers: [InvoicesController, RatedReportsController, ReportFormatsController, InvoicesResponder],
  providers: [TenantStore],
})
export class InvoicesModule {}
