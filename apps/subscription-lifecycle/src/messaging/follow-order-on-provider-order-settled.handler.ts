import { Controller } from '@nestjs/common';
import { ProviderOrderSettledV1 } from '@isthmus/contracts';
import { Inbox, Message, On } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { keepOrderNews } from './keep-order-on-provider-order-seen.handler.ts';

/**
 * The mirror saw an order finished: it explains what became of its subscription. One of ours is looked at now instead of
 * at the next poll.
 */
@Controller()
export class FollowOrderOnProviderOrderSettled {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderOrderSettledV1)
  handle(news: ProviderOrderSettledV1, message: Message): Promise<void> {
    const { connectorId, cmpOrderId } = news;
    return this.inbox.once(message, async (em) => {
      await clientOf(em).query(
        `update orders set next_step_at = now() where tenant_id = $1 and connector_id = $2 and record ->> 'cmpOrderId' = $3
           and status in ('accepted', 'scheduled', 'needs-attention') and next_step_at > now()`,
        [message.tenantId, connectorId, cmpOrderId],
      );
      await keepOrderNews(clientOf(em), news, message);
    });
  }
}
