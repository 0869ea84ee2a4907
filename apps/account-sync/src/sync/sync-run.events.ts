import {
  OrderSettledV1,
  type SyncDepth,
  SyncRunFinishedV1,
  SyncRunHeldV1,
  SyncRunStartedV1,
  type SyncScope,
} from '@isthmus/contracts';
import { event, Inbox, Message, On } from '@isthmus/messaging';
import { Connector, type HeldRun, type RunTeller, SyncRuns } from '@isthmus/sync-engine';
import { Controller } from '@nestjs/common';

/** An order of ours has changed something at CMP: the change is read at once, and not only by the next tick. */
@Controller()
export class ReadSubscriptionOnOrderSettled {
  constructor(
    private readonly inbox: Inbox,
    private readonly runs: SyncRuns,
  ) {}

  @On(OrderSettledV1)
  handle({ connectorId }: OrderSettledV1, message: Message): Promise<void> {
    const { tenantId } = message;
    return this.inbox.once(message, async (em) => {
      const connector = await em.findOne(Connector, { connectorId, tenantId });
      // Nothing is read for a paused or removed connector; the first tick after it is resumed catches up.
      if (connector?.status !== 'active') return;
      await this.runs.start(em, {
        tenantId,
        connectorId,
        scope: 'subscriptions',
        depth: 'incremental',
        trigger: 'event',
        requestedBy: 'subscription-lifecycle',
      });
    });
  }
}

/** The events that account-sync publishes about its runs. */
export const runEvents: RunTeller = {
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
