import { OrderRefusedV1, OrderSettledV1, OrderWithdrawnV1, SubscriptionCreatedV1 } from '@isthmus/contracts';
import { LiveEvents } from '@isthmus/messaging';
import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Intent } from './write-intent.ts';

/**
 * Events of orders, for the writes that wait for them. Every process receives every event, so it does not matter in which process
 * a write waits. Events only shorten the wait, so one may be missed, for example while NATS is disconnected.
 */
@Injectable()
export class OrderEvents implements OnApplicationBootstrap {
  readonly #listeners = new Set<OrderListener>();

  constructor(private readonly events: LiveEvents) {}

  onApplicationBootstrap(): void {
    this.events.watch([OrderSettledV1, OrderRefusedV1, OrderWithdrawnV1], ({ subject: orderId }) => {
      for (const listener of this.#listeners) listener.orderEnded(orderId);
    });
    this.events.watch([SubscriptionCreatedV1], ({ tenantId }) => {
      for (const listener of this.#listeners) listener.subscriptionCreated(tenantId);
    });
  }

  /** Listens from now on: before orders are placed, so that their events cannot be missed. To be closed. */
  listen(tenantId: string): OrderListener {
    const listener = new OrderListener(tenantId, () => this.#listeners.delete(listener));
    this.#listeners.add(listener);
    return listener;
  }
}

/** The events since a write began, or since the last time `next` returned. */
class OrderListener {
  readonly #endedOrders = new Set<string>();
  #subscriptionCreated = false;
  #notify: () => void = () => undefined;

  constructor(
    private readonly tenantId: string,
    readonly close: () => void,
  ) {}

  orderEnded(orderId: string): void {
    this.#endedOrders.add(orderId);
    this.#notify();
  }

  subscriptionCreated(tenantId: string): void {
    if (tenantId === this.tenantId) this.#subscriptionCreated = true;
    this.#notify();
  }

  /** Waits for an event that may change the state of the write; false if there was none in time. */
  async next(intent: Intent, timeoutMs: number): Promise<boolean> {
    if (!this.#concerns(intent)) await this.#wait(intent, timeoutMs);
    const happened = this.#concerns(intent);
    // Later events are newer than what the caller reads now.
    this.#endedOrders.clear();
    this.#subscriptionCreated = false;
    return happened;
  }

  #concerns({ status, orderIds }: Intent): boolean {
    if (orderIds.some((id) => this.#endedOrders.has(id))) return true;
    // The order of a purchase has settled, and its subscription is not known yet: any new one of the tenant may be it.
    return status === 'done' && this.#subscriptionCreated;
  }

  #wait(intent: Intent, timeoutMs: number): Promise<void> {
    return new Promise((resolve) => {
      const finish = () => {
        clearTimeout(timer);
        this.#notify = () => undefined;
        resolve();
      };
      const timer = setTimeout(finish, Math.max(timeoutMs, 0));
      this.#notify = () => {
        if (this.#concerns(intent)) finish();
      };
    });
  }
}
