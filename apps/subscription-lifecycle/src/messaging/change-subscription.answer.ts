import { Controller } from '@nestjs/common';
import { ChangeSubscription, type ReadSubscriptionAnswer } from '@isthmus/contracts';
import { Answers, type AskContext } from '@isthmus/messaging';
import { TenantStore } from '@isthmus/service-kit';

import { readAgreed } from '../persistence/agreed-subscriptions.ts';
import { Subscriptions } from '../persistence/subscriptions.ts';
import { tellAgreed } from './agreed-subscription.ts';

@Controller()
export class AnswerChangeSubscription {
  constructor(
    private readonly store: TenantStore,
    private readonly subscriptions: Subscriptions,
  ) {}

  /** The asker's protocol knows no versions: the last change wins. */
  @Answers(ChangeSubscription)
  async change(
    { tenantId, connectorId, subscriptionId, friendlyName, askedBy }: ChangeSubscription,
    { correlationId = subscriptionId }: AskContext,
  ): Promise<ReadSubscriptionAnswer> {
    const rows = this.store.rows(tenantId);
    await readAgreed(rows, subscriptionId, connectorId);
    const by = { subject: askedBy, correlationId };
    await this.subscriptions.change(tenantId, subscriptionId, { friendlyName }, by);
    return { subscription: tellAgreed(await readAgreed(rows, subscriptionId, connectorId)) };
  }
}
