import { Controller } from '@nestjs/common';
import { ReadSubscription, type ReadSubscriptionAnswer } from '@isthmus/contracts';
import { Answers } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';
import { SubscriptionNotFound } from '../domain/not-found.errors.ts';
import { readAgreed } from '../persistence/agreed-subscriptions.ts';
import { tellAgreed } from './agreed-subscription.ts';

@Controller()
export class AnswerReadSubscription {
  constructor(private readonly store: TenantStore) {}

  @Answers(ReadSubscription)
  async read({ tenantId, connectorId, subscriptionId }: ReadSubscription): Promise<ReadSubscriptionAnswer> {
    try {
      const row = await readAgreed(this.store.rows(tenantId), subscriptionId, connectorId);
      return { subscription: tellAgreed(row) };
    } catch (error) {
      if (error instanceof SubscriptionNotFound) return {};
      throw error;
    }
  }
}
