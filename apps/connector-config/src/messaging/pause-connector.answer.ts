import { Controller } from '@nestjs/common';
import { PauseConnector, type PausedConnector } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { lockConnector } from '../persistence/require-connector.ts';
import { TenantStore } from '../persistence/tenant-store.ts';
import { sayPaused } from './connector-events.ts';

@Controller()
export class AnswerPauseConnector {
  constructor(private readonly store: TenantStore) {}

  /** However many workers report the same refusal, it is paused and said once. */
  @Answers(PauseConnector)
  pause({ tenantId, connectorId, cause, detail, nextStep }: PauseConnector): Promise<PausedConnector> {
    return this.store.change(tenantId, async (em) => {
      const connector = await lockConnector(em, connectorId);
      // Only account-sync reads CMP on its own and asks this; the question does not carry who asks.
      const why = { by: 'account-sync', automatic: true, cause, detail, nextStep };
      if (connector.pause(why, new Date())) {
        await em.flush();
        sayPaused(em, connector);
      }
      return { status: 'paused' };
    });
  }
}
