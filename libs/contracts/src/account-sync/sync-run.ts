import { Event } from '../contract.ts';
import { runEventFields } from '../run-events.ts';

export const syncScopes = ['accounts', 'subscriptions', 'orders', 'reports'] as const;
export type SyncScope = (typeof syncScopes)[number];

export const syncDepths = ['incremental', 'full', 'scrub'] as const;
export type SyncDepth = (typeof syncDepths)[number];

const run = runEventFields(syncScopes, syncDepths);

@Event({
  eventType: 'account-sync.sync-run-started.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A worker has started to read CMP. Not published for runs of the schedule.',
})
export class SyncRunStartedV1 extends run.Started {}

@Event({
  eventType: 'account-sync.sync-run-held.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary: 'A reminder that a run still waits for approval. Repeated until it is approved or cancelled.',
})
export class SyncRunHeldV1 extends run.Held {}

@Event({
  eventType: 'account-sync.sync-run-finished.v1',
  producer: 'account-sync',
  aggregate: 'sync-run',
  summary:
    'A run has ended: succeeded, failed, cancelled, or waiting for approval as a plan. Not published for a run of the schedule that found nothing.',
})
export class SyncRunFinishedV1 extends run.Finished {}
