import { defineEntity, p } from '@mikro-orm/core';
import type { PlanRow } from './run-plan.ts';
import type { RunRecord } from './run-report.ts';

const schema = defineEntity({
  name: 'SyncRunBatch',
  tableName: 'sync_run_batches',
  properties: {
    runId: p.uuid().primary(),
    seq: p.integer().primary(),
    records: p.json<RunRecord[]>(),
  },
});

/** The per-record results of one committed batch: one row per batch, as a row per record would double the cost of a sync. */
export class SyncRunBatch extends schema.class {}
schema.setClass(SyncRunBatch);

const planSchema = defineEntity({
  name: 'SyncPlanBatch',
  tableName: 'sync_plan_batches',
  properties: {
    runId: p.uuid().primary(),
    seq: p.integer().primary(),
    rows: p.json<PlanRow[]>(),
  },
});

/** What a plan has read of CMP and would write, batch by batch: applied, it is written as it was shown. */
export class SyncPlanBatch extends planSchema.class {}
planSchema.setClass(SyncPlanBatch);
