import { Controller } from '@nestjs/common';
import { ListSubscriptions, type ListedSubscriptions } from '@isthmus/contracts';
import { Answers, fittingPage } from '@isthmus/messaging';
import { decodeCursor, encodeCursor, TenantStore } from '@isthmus/service-kit';
import { listAgreed } from '../persistence/agreed-subscriptions.ts';
import { tellAgreed } from './agreed-subscription.ts';

const mostAtOnce = 500;

@Controller()
export class AnswerListSubscriptions {
  constructor(private readonly store: TenantStore) {}

  @Answers(ListSubscriptions)
  async list({
    tenantId,
    connectorId,
    providerAccountId,
    cursor,
  }: ListSubscriptions): Promise<ListedSubscriptions> {
    const after = decodeCursor(cursor, ['uuid']);
    const found = await listAgreed(
      this.store.rows(tenantId),
      connectorId,
      providerAccountId,
      after,
      mostAtOnce,
    );
    const subscriptions = fittingPage(found.slice(0, mostAtOnce).map(tellAgreed));
    const last = subscriptions.length < found.length ? subscriptions.at(-1) : undefined;
    return { subscriptions, nextCursor: last && encodeCursor([last.subscriptionId]) };
  }
}
