import { Event } from '../contract.ts';
import { runEventFields } from '../run-events.ts';

export const catalogScopes = ['products'] as const;
export type CatalogScope = (typeof catalogScopes)[number];

/** CMP's product list has no "changed since". */
export const catalogDepths = ['full'] as const;
export type CatalogDepth = (typeof catalogDepths)[number];

const run = runEventFields(catalogScopes, catalogDepths);

@Event({
  eventType: 'product-catalog.catalog-sync-started.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary: "A worker has started to read CMP's catalogue. Not published for runs of the schedule.",
})
export class CatalogSyncStartedV1 extends run.Started {}

@Event({
  eventType: 'product-catalog.catalog-sync-held.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary:
    'A reminder that a catalogue sync still waits for approval. Repeated until it is approved or cancelled.',
})
export class CatalogSyncHeldV1 extends run.Held {}

@Event({
  eventType: 'product-catalog.catalog-sync-finished.v1',
  producer: 'product-catalog',
  aggregate: 'catalog-sync',
  summary:
    'A catalogue sync has ended: succeeded, failed, cancelled, or waiting for approval as a plan. Not published for one of the schedule that found nothing.',
})
export class CatalogSyncFinishedV1 extends run.Finished {}
