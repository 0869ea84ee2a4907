import {
  CatalogSyncFinishedV1,
  CatalogSyncHeldV1,
  CatalogSyncStartedV1,
  type CatalogDepth,
  type CatalogScope,
} from '@isthmus/contracts';
import { event } from '@isthmus/messaging';
import type { HeldRun, RunTeller } from '@isthmus/sync-engine';

const metadata = (run: { id: string; tenantId: string }, version: number) => ({
  tenantId: run.tenantId,
  aggregateId: run.id,
  version,
  correlationId: run.id,
});

const settings = (run: HeldRun) => ({
  runId: run.id,
  connectorId: run.connectorId,
  scope: run.scope as CatalogScope,
  depth: run.depth as CatalogDepth,
});

/** The events that product-catalog publishes about its runs. */
export const runEvents: RunTeller = {
  started: (run) =>
    event(
      CatalogSyncStartedV1,
      { ...settings(run), status: 'running', counts: { ...run.counts } },
      metadata(run, run.token * 2),
    ),
  finished: (run, status, counts, failure) => {
    const data = failure && { code: failure.code, detail: failure.detail, nextStep: failure.nextStep };
    return event(
      CatalogSyncFinishedV1,
      { ...settings(run), status, counts: { ...counts }, failure: data },
      metadata(run, run.token * 2 + 1),
    );
  },
  held: (run, { failure: { code, detail, nextStep }, since, reminder }) =>
    event(
      CatalogSyncHeldV1,
      {
        ...settings(run),
        counts: { ...run.counts },
        heldSince: since,
        reminder,
        failure: { code, detail, nextStep },
      },
      metadata(run, run.token * 2 + 1),
    ),
};
