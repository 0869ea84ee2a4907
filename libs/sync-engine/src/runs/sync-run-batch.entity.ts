import { defineEntity, p } from '@mikro-orm/core';
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
