import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { outboundDispatcher } from '@isthmus/service-kit';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebhooksEnv } from '../config.ts';
import type { EndpointLease, Target } from '../delivering/attempt.ts';
import { Courier, type CourierPorts } from '../delivering/courier.ts';
import { LeaseLost } from '../delivering/lease-lost.error.ts';
import { Nudge } from '../delivering/nudge.ts';
import { sendDelivery, type Sending } from '../delivering/send-delivery.ts';
import { Slots } from '../delivering/slots.ts';
import { DueDeliveries } from '../persistence/due-deliveries.ts';
import { EndpointLeases } from '../persistence/endpoint-leases.ts';
import { SettleAttempts } from '../persistence/settle-attempts.ts';

/** Claims endpoints that something is due for and has a courier serve each, beside each other. */
@Injectable()
export class DeliverWebhooks implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(DeliverWebhooks.name);
  readonly #couriers = new Map<string, Courier>();
  readonly #runs = new Set<Promise<void>>();
  readonly #nudge = new Nudge();
  readonly #slots: Slots;
  readonly #ports: CourierPorts;
  readonly #dispatcher;
  readonly #schedule: number[];
  #stopped = false;
  #loop?: Promise<void>;

  constructor(
    private readonly leases: EndpointLeases,
    due: DueDeliveries,
    settling: SettleAttempts,
    private readonly env: WebhooksEnv,
  ) {
    this.#slots = new Slots(env.WEBHOOK_CONCURRENCY);
    this.#schedule = env.retrySchedule;
    this.#dispatcher = outboundDispatcher({ allowPrivateAddresses: env.ALLOW_PRIVATE_ADDRESSES === 'yes' });
    this.#ports = {
      target: (lease) => due.target(lease),
      take: (lease, inHand, limit) => due.take(lease, inHand, limit),
      settle: (lease, settlements) => settling.settle(lease, settlements),
      send: (_, target, delivery, stop) => sendDelivery(this.sendingTo(target), delivery, stop),
    };
  }

  /** How to send to an endpoint, with its secrets opened. */
  sendingTo({ url, secrets }: Pick<Target, 'url' | 'secrets'>): Sending {
    return {
      dispatcher: this.#dispatcher,
      url,
      secrets,
      timeoutMs: this.env.WEBHOOK_TIMEOUT_MS,
      schedule: this.#schedule,
    };
  }

  /** Something is due: look at once instead of at the next tick. */
  wake(): void {
    this.#nudge.give();
    for (const courier of this.#couriers.values()) courier.wake();
  }

  onApplicationBootstrap(): void {
    if (this.env.WEBHOOK_CONCURRENCY > 0) this.#loop = this.#claimForEver();
  }

  /** What is under way may come to its end for half of the time there is, and is then left to be sent again. */
  async beforeApplicationShutdown(): Promise<void> {
    this.#stopped = true;
    this.#nudge.give();
    await this.#loop;
    for (const courier of this.#couriers.values()) courier.leave();
    const patience = new AbortController();
    void sleep(this.env.SHUTDOWN_MS / 2, undefined, { signal: patience.signal }).then(
      () => this.#couriers.forEach((courier) => courier.abandon()),
      () => undefined,
    );
    await Promise.all(this.#runs);
    patience.abort();
    await this.#dispatcher.destroy();
  }

  async #claimForEver(): Promise<void> {
    while (!this.#stopped) {
      try {
        const lease = await this.leases.claim(this.env.WEBHOOK_LEASE_MS);
        if (lease) {
          this.#serve(lease);
          continue;
        }
      } catch (error) {
        this.#log.warn(`Endpoints cannot be claimed just now; trying on. ${String(error)}`);
      }
      await this.#nudge.wait(this.env.WEBHOOK_POLL_MS);
    }
  }

  #serve(lease: EndpointLease): void {
    const { WEBHOOK_ENDPOINT_CONCURRENCY: perEndpoint, WEBHOOK_POLL_MS: pollMs } = this.env;
    const courier = new Courier(lease, this.#ports, { perEndpoint, pollMs }, this.#slots);
    this.#couriers.set(lease.endpointId, courier);
    const run = this.#run(courier).finally(() => {
      if (this.#couriers.get(lease.endpointId) === courier) this.#couriers.delete(lease.endpointId);
      this.#runs.delete(run);
    });
    this.#runs.add(run);
  }

  async #run(courier: Courier): Promise<void> {
    const { lease } = courier;
    const renewal = setInterval(() => void this.#renew(courier), this.env.WEBHOOK_LEASE_MS / 3);
    try {
      await courier.deliverAll();
      await this.leases.release(lease);
      // What came between its last look and now, nobody else has been told of.
      this.#nudge.give();
    } catch (error) {
      // Not released: after a failure that would come again at once, the end of the lease is the pause before the next try.
      if (error instanceof LeaseLost) this.#log.warn(error.message);
      else this.#log.error(`Delivering to webhook endpoint ${lease.endpointId} broke off.`, error);
    } finally {
      clearInterval(renewal);
    }
  }

  async #renew(courier: Courier): Promise<void> {
    // While the database is away nothing can be written either, so nothing is lost by waiting.
    const ours = await this.leases.renew(courier.lease, this.env.WEBHOOK_LEASE_MS).catch(() => true);
    if (!ours) courier.abandon();
  }
}
