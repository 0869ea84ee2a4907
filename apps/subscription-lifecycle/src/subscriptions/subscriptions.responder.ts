import {
  ChangeSubscription,
  type ListSubscriptionsResponse,
  ListSubscriptions,
  ReadSubscription,
  type ReadSubscriptionResponse,
} from '@isthmus/contracts';
import { RespondTo, type RequestContext, fitToMessage } from '@isthmus/messaging';
import { actingAs, apiKeyActor, decodeCursor, encodeCursor, TenantStore } from '@isthmus/service-kit';
import { Controller } from '@nestjs/common';
import { SubscriptionChanges } from './subscription-changes.store.ts';
import { toAgreedSubscription } from './subscription-events.ts';
import { listAgreed, readAgreed } from './subscription.store.ts';
import { SubscriptionNotFound } from './subscription.ts';

const maxPerRequest = 500;

/** Subscriptions as agreed, for the Rest Provider. */
@Controller()
export class SubscriptionsResponder {
  constructor(
    private readonly store: TenantStore,
    private readonly subscriptions: SubscriptionChanges,
  ) {}

  @RespondTo(ListSubscriptions)
  async list(query: ListSubscriptions): Promise<ListSubscriptionsResponse> {
    const { tenantId, connectorId, providerAccountId } = query;
    const account = { connectorId, providerAccountId };
    const after = decodeCursor(query.cursor, ['uuid']);
    const found = await this.store.read(tenantId, (em) =>
      listAgreed(em, tenantId, account, after, maxPerRequest),
    );
    const subscriptions = fitToMessage(found.slice(0, maxPerRequest).map(toAgreedSubscription));
    const last = subscriptions.length < found.length ? subscriptions.at(-1) : undefined;
    return { subscriptions, nextCursor: last && encodeCursor([last.subscriptionId]) };
  }

  @RespondTo(ReadSubscription)
  async read({ tenantId, connectorId, subscriptionId }: ReadSubscription): Promise<ReadSubscriptionResponse> {
    try {
      return await this.#agreed(tenantId, subscriptionId, connectorId);
    } catch (error) {
      if (error instanceof SubscriptionNotFound) return {};
      throw error;
    }
  }

  /** The caller's protocol has no versions: the last change wins. */
  @RespondTo(ChangeSubscription)
  async change(
    { tenantId, connectorId, subscriptionId, friendlyName, requestedBy }: ChangeSubscription,
    { correlationId = subscriptionId }: RequestContext,
  ): Promise<ReadSubscriptionResponse> {
    await this.#agreed(tenantId, subscriptionId, connectorId);
    const by = { subject: requestedBy, correlationId };
    await actingAs(apiKeyActor(requestedBy), () =>
      this.subscriptions.change(tenantId, subscriptionId, { friendlyName }, by),
    );
    return this.#agreed(tenantId, subscriptionId, connectorId);
  }

  /** @throws SubscriptionNotFound */
  async #agreed(tenantId: string, id: string, connectorId: string): Promise<ReadSubscriptionResponse> {
    const row = await this.store.read(tenantId, (em) => readAgreed(em, tenantId, id, connectorId));
    return { subscription: toAgreedSubscription(row) };
  }
}
