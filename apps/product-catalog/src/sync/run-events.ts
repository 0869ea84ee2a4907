import {
  CatalogSyncDue,
  CatalogSyncFinishedV1,
  CatalogSyncHeldV1,
  CatalogSyncStartedV1,
  type CatalogDepth,
  type CatalogScope,
} from '@isthmus/contracts';
import { event } from '@isthmus/messaging';
import type { HeldRun, RunTeller } from '@isthmus/sync-engine';

const facts = (run: { id: string; tenantId: string }, version: number) => ({
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

/** What product-catalog says about its runs. */
export const catalogSyncMessages: RunTeller = {
  due: (run) => event(CatalogSyncDue, { tenantId: run.tenantId, runId: run.id }, facts(run, 1)),
  started: (run) =>
    event(
      CatalogSyncStartedV1,
      { ...settings(run), status: 'running', counts: { ...run.counts } },
      facts(run, run.token * 2),
    ),
  finished: (run, status, counts, failure) => {
    const told = failure && { code: failure.code, detail: failure.detail, nextStep: failure.nextStep };
    return event(
      CatalogSyncFinishedV1,
      { ...settings(run), status, counts: { ...counts }, failure: told },
      facts(run, run.token * 2 + 1),
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
      facts(run, run.token * 2 + 1),
    ),
};
