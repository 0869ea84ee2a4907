import { Controller } from '@nestjs/common';
import { ProviderOrderSeenV1, type ProviderOrderSettledV1 } from '@isthmus/contracts';
import { Inbox, Message, On, type Statements } from '@isthmus/messaging';
import { clientOf } from '@isthmus/service-kit';
import { explainSubscription } from '../persistence/explain-subscription.ts';
import { keepProviderOrder } from '../persistence/provider-orders.ts';

@Controller()
export class KeepOrderOnProviderOrderSeen {
  constructor(private readonly inbox: Inbox) {}

  @On(ProviderOrderSeenV1)
  handle(news: ProviderOrderSeenV1, message: Message): Promise<void> {
    return this.inbox.once(message, (em) => keepOrderNews(clientOf(em), news, message));
  }
}

/** Keeps an order of CMP, and corrects the terms and lots of its subscriptions by what it explains. */
export async function keepOrderNews(
  client: Statements,
  news: ProviderOrderSeenV1 | ProviderOrderSettledV1,
  message: Message,
): Promise<void> {
  const { tenantId, correlationId } = message;
  const about = await keepProviderOrder(client, news, message);
  if (news.status !== 'completed') return;
  for (const cmpSubscriptionId of about.toSorted())
    await explainSubscription(
      client,
      { tenantId, connectorId: news.connectorId, cmpSubscriptionId },
      { correlationId },
    );
}
