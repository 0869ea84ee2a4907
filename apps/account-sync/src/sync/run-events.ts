import {
  SyncRunDue,
  SyncRunFinishedV1,
  SyncRunHeldV1,
  SyncRunStartedV1,
  type SyncDepth,
  type SyncScope,
} from '@isthmus/contracts';
import { event } from '@isthmus/messaging';
import type { HeldRun, RunTeller } from '@isthmus/sync-engine';

/** The events that account-sync publishes about its runs. */
export const runEvents: RunTeller = {
  due: (run) => event(SyncRunDue, { tenantId: run.tenantId, runId: run.id }, eventFacts(run, 1)),
  started: (run) =>
    event(
      SyncRunStartedV1,
      { ...settings(run), status: 'running', counts: { ...run.counts } },
      eventFacts(run, run.token * 2),
    ),
  finished: (run, status, counts, failure) => {
    const reason = failure && { code: failure.code, detail: failure.detail, nextStep: failure.nextStep };
    return event(
      SyncRunFinishedV1,
      { ...settings(run), status, counts: { ...counts }, failure: reason },
      eventFacts(run, run.token * 2 + 1),
    );
  },
  held: (run, { failure: { code, detail, nextStep }, since, reminder }) =>
    event(
      SyncRunHeldV1,
      {
        ...settings(run),
        counts: { ...run.counts },
        heldSince: since,
        reminder,
        failure: { code, detail, nextStep },
      },
      eventFacts(run, run.token * 2 + 1),
    ),
};

const eventFacts = (run: { id: string; tenantId: string }, version: number) => ({
  tenantId: run.tenantId,
  aggregateId: run.id,
  version,
  correlationId: run.id,
});

const settings = (run: HeldRun) => ({
  runId: run.id,
  connectorId: run.connectorId,
  scope: run.scope as SyncScope,
  depth: run.depth as SyncDepth,
});
