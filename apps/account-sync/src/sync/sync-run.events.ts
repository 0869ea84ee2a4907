import { OrderSettledV1, SyncRunFinishedV1, SyncRunHeldV1, SyncRunStartedV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { Connector, runEventsIn, SyncRuns } from '@isthmus/sync-engine';
import { Controller } from '@nestjs/common';

/** After one of our orders has changed something at CMP, the change is read immediately instead of by the next tick. */
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
      // A paused or removed connector is not read; the first tick after it is resumed catches up.
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
export const runEvents = runEventsIn({
  started: SyncRunStartedV1,
  finished: SyncRunFinishedV1,
  held: SyncRunHeldV1,
});
