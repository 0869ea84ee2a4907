import { RetryLoop, Semaphore } from '@isthmus/messaging';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { WebhooksEnv } from '../config.ts';
import type { EndpointLease } from './attempt.ts';
import { DeliveryQueue, LeaseLost } from './delivery-queue.store.ts';
import { EndpointDispatcher, type DispatcherPorts } from './endpoint-dispatcher.ts';
import { WebhookSender } from './webhook-sender.service.ts';

/** Claims endpoints with due deliveries, and runs a dispatcher for each, concurrently. */
@Injectable()
export class DeliveryWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(DeliveryWorker.name);
  readonly #dispatchers = new Map<string, EndpointDispatcher>();
  readonly #runs = new Set<Promise<void>>();
  readonly #requests: Semaphore;
  readonly #ports: DispatcherPorts;
  readonly #loop: RetryLoop;

  constructor(
    private readonly queue: DeliveryQueue,
    private readonly sender: WebhookSender,
    private readonly env: WebhooksEnv,
  ) {
    this.#loop = new RetryLoop({
      name: 'Claiming endpoints',
      run: () => this.#claim(),
      idleMs: env.WEBHOOK_POLL_MS,
      log: this.#log,
    });
    this.#requests = new Semaphore(env.WEBHOOK_CONCURRENCY);
    this.#ports = {
      target: (lease) => queue.target(lease),
      take: (lease, inFlight, limit) => queue.take(lease, inFlight, limit),
      recordOutcomes: (lease, outcomes) => queue.recordOutcomes(lease, outcomes),
      send: (target, delivery, stop) => sender.send(target, delivery, stop),
    };
  }

  /** Something is due: check immediately instead of at the next tick. */
  wake(): void {
    this.#loop.wake();
    for (const dispatcher of this.#dispatchers.values()) dispatcher.wake();
  }

  onApplicationBootstrap(): void {
    if (this.env.WEBHOOK_CONCURRENCY > 0) this.#loop.start();
  }

  /** Deliveries in progress may finish within half of the remaining time; they are then aborted and sent again later. */
  async beforeApplicationShutdown(): Promise<void> {
    await this.#loop.stop();
    for (const dispatcher of this.#dispatchers.values()) dispatcher.drain();
    const grace = new AbortController();
    void sleep(this.env.SHUTDOWN_MS / 2, undefined, { signal: grace.signal }).then(
      () => this.#dispatchers.forEach((dispatcher) => dispatcher.abort()),
      () => undefined,
    );
    await Promise.all(this.#runs);
    grace.abort();
    await this.sender.close();
  }

  /** True when an endpoint was claimed: there may be another one. */
  async #claim(): Promise<boolean> {
    const lease = await this.queue.claim(this.env.WEBHOOK_LEASE_MS);
    if (lease) this.#serve(lease);
    return lease !== undefined;
  }

  #serve(lease: EndpointLease): void {
    const { WEBHOOK_ENDPOINT_CONCURRENCY: perEndpoint, WEBHOOK_POLL_MS: pollMs } = this.env;
    const limits = { perEndpoint, pollMs };
    const dispatcher = new EndpointDispatcher(lease, this.#ports, limits, this.#requests);
    this.#dispatchers.set(lease.endpointId, dispatcher);
    const run = this.#run(dispatcher).finally(() => {
      if (this.#dispatchers.get(lease.endpointId) === dispatcher) this.#dispatchers.delete(lease.endpointId);
      this.#runs.delete(run);
    });
    this.#runs.add(run);
  }

  async #run(dispatcher: EndpointDispatcher): Promise<void> {
    const { lease } = dispatcher;
    const renewal = setInterval(() => void this.#renew(dispatcher), this.env.WEBHOOK_LEASE_MS / 3);
    try {
      await dispatcher.deliverAll();
      await this.queue.release(lease);
      // Events that arrived between its last check and now have not woken any worker.
      this.#loop.wake();
    } catch (error) {
      // Not released: after a failure that would recur immediately, the rest of the lease is the pause before the next attempt.
      if (error instanceof LeaseLost) this.#log.warn(error.message);
      else this.#log.error(`Delivery to webhook endpoint ${lease.endpointId} was interrupted.`, error);
    } finally {
      clearInterval(renewal);
    }
  }

  async #renew(dispatcher: EndpointDispatcher): Promise<void> {
    // While the database is unreachable nothing can be written either, so nothing is lost by waiting.
    const ours = await this.queue.renew(dispatcher.lease, this.env.WEBHOOK_LEASE_MS).catch(() => true);
    if (!ours) dispatcher.abort();
  }
}
