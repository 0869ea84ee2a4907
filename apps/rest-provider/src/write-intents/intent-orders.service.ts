import {
  ChangeSubscription,
  type OrderStateV1,
  PlaceOrders,
  ReadOrders,
  type RequestedOrderV1,
} from '@isthmus/contracts';
import { derivedUuid } from '@isthmus/domain';
import { RequestClient, RequestRefused, NoResponse } from '@isthmus/messaging';
import { Injectable } from '@nestjs/common';
import { RestProviderEnv } from '../config.ts';
import { OrderEvents } from './order.events.ts';
import {
  AwaitingApproval,
  type Intent,
  isAwaitingApproval,
  isInProgress,
  progressOf,
  WriteRefused,
} from './write-intent.ts';
import { WriteIntentStore } from './write-intents.store.ts';

/** Most orders of one request; an intent has at most two. */
const batchSize = 200;

/** Codes that say nothing about the order: a service could not be reached, or something failed. */
const transient = /^(request|nats)\./;

/**
 * Places the orders of writes through subscription-lifecycle, which carries them out and is the only service that knows their
 * state.
 */
@Injectable()
export class IntentOrders {
  constructor(
    private readonly requests: RequestClient,
    private readonly intents: WriteIntentStore,
    private readonly events: OrderEvents,
    private readonly env: RestProviderEnv,
  ) {}

  /**
   * Places the orders of a write, once no matter how often it is called, and waits until the write has ended and the purchased
   * subscription is known, but no longer than the setting allows. Without an event, the orders are read once more at the end.
   * @throws AwaitingApproval immediately, while one of them awaits approval; WriteRefused
   * if they cannot be carried out; then nothing was ordered and the write may be requested again
   */
  async placeAndWait<I extends Intent>(intent: I, orders: RequestedOrderV1[]): Promise<I> {
    const events = this.events.listen(intent.tenantId);
    try {
      let current =
        intent.status === 'open' ? await this.#place(intent, orders) : await this.#refreshOne(intent);
      const until = Date.now() + this.env.WRITE_WAIT_MS;
      for (let waiting = true; waiting && isInProgress(current) && current.status !== 'awaiting-approval';) {
        waiting = await events.next(current, until - Date.now());
        current = await this.#refreshOne(current);
      }
      if (current.status === 'awaiting-approval') throw await this.#awaiting(current);
      return current;
    } finally {
      events.close();
    }
  }

  /** subscription-lifecycle knows them by the intent's id, and returns those that it has already. */
  async #place<I extends Intent>(intent: I, orders: RequestedOrderV1[]): Promise<I> {
    const { id: key, tenantId, connectorId, requestedBy } = intent;
    const fixed = await this.intents.fixOrders(intent, orders);
    const request = { tenantId, connectorId, key, requestedBy, orders: fixed };
    try {
      const placed = await this.requests.request(PlaceOrders, request, { deadlineMs: 15_000 });
      const orderIds = placed.orders.map(({ orderId }) => orderId);
      const progress = progressOf(placed.orders);
      const running = progress.status === 'awaiting-approval' ? 'awaiting-approval' : 'ordered';
      const ordered = await this.intents.markOrdered(intent, orderIds, running);
      // Records progress only if the orders have ended: another request may have recorded more than this response contains.
      return progress.status === running ? ordered : await this.intents.recordProgress(ordered, progress);
    } catch (error) {
      if (!(error instanceof RequestRefused) || transient.test(error.code)) throw error;
      const { code, message: detail, nextStep } = error;
      await this.intents.refuse(intent, { code, detail, nextStep });
      throw new WriteRefused(code, detail, nextStep);
    }
  }

  async #awaiting(intent: Intent): Promise<AwaitingApproval> {
    const { orderIds } = intent;
    try {
      return new AwaitingApproval(orderIds, (await this.#states(intent, orderIds)).find(isAwaitingApproval));
    } catch (error) {
      if (error instanceof NoResponse) return new AwaitingApproval(orderIds, undefined);
      throw error;
    }
  }

  /** The current state of these writes of one connector; those that can no longer change are not read. */
  async refresh<R extends Intent>(intents: readonly R[]): Promise<R[]> {
    const changeable = intents.filter(isInProgress).slice(0, batchSize / 2);
    const [first] = changeable;
    if (!first) return [...intents];
    const orders = await this.#states(
      first,
      changeable.flatMap((intent) => intent.orderIds),
    );
    const refreshed = intents.map(async (intent): Promise<R> => {
      const own = orders.filter(({ orderId }) => intent.orderIds.includes(orderId));
      const complete = changeable.includes(intent) && own.length === intent.orderIds.length;
      return complete ? this.intents.recordProgress(intent, progressOf(own)) : intent;
    });
    return Promise.all(refreshed);
  }

  async #states({ tenantId, connectorId }: Intent, orderIds: string[]): Promise<OrderStateV1[]> {
    return (await this.requests.request(ReadOrders, { tenantId, connectorId, orderIds })).orders;
  }

  /** If there is no response, the state is left unchanged: ordered writes stay ordered. */
  async #refreshOne<R extends Intent>(intent: R): Promise<R> {
    try {
      const [refreshed = intent] = await this.refresh([intent]);
      return refreshed;
    } catch (error) {
      if (error instanceof NoResponse) return intent;
      throw error;
    }
  }

  /** Applies what a purchase requested beyond what an order can carry, once its subscription is known. */
  async handOver(intent: Intent): Promise<void> {
    if (intent.kind !== 'purchase' || intent.status !== 'done' || intent.handedOver) return;
    const { id, tenantId, connectorId, subscriptionId, requestedBy, requested } = intent;
    if (subscriptionId === null) return;
    const common = { tenantId, connectorId, requestedBy };
    const { friendlyName } = requested;
    if (friendlyName !== null)
      await this.requests.request(ChangeSubscription, { ...common, subscriptionId, friendlyName });
    if (requested.autoRenew === false) {
      const order = { kind: 'renewal-setting' as const, subscriptionId, autoRenew: false };
      // Always the same key for the same purchase, so that it is ordered once.
      const key = derivedUuid(`${id} auto-renew`);
      await this.requests.request(PlaceOrders, { ...common, key, orders: [order] });
    }
    await this.intents.markHandedOver(intent);
  }
}
