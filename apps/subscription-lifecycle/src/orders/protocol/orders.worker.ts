import { hostname } from 'node:os';
import { systemClock } from '@isthmus/domain';
import { inSpanOf } from '@isthmus/messaging';
import { attributes } from '@isthmus/service-kit';
import { CmpConnections } from '@isthmus/sync-engine';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { readCmpSigns, SubscriptionLifecycleEnv } from '../../config.ts';
import { PostgresOrderStore } from '../order.store.ts';
import { workOnOne } from './order-steps.ts';
import { type HeldOrder, LeaseLost, type OrderingPorts, orderingRules } from './ordering.ts';

/**
 * Takes orders that are due, several at a time. What is due is in the database; the bus is needed to be let into CMP, so
 * that orders wait while it is away, and go on by themselves.
 */
@Injectable()
export class OrderWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(OrderWorker.name);
  readonly #stop = new AbortController();
  #workers: Promise<void>[] = [];

  constructor(
    private readonly store: PostgresOrderStore,
    private readonly connections: CmpConnections,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  onApplicationBootstrap(): void {
    const name = `${hostname()}/${process.pid}`;
    this.#workers = Array.from({ length: this.env.ORDER_WORKERS }, (_, n) => this.#work(`${name}/${n}`));
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#workers);
  }

  async #work(name: string): Promise<void> {
    const ports: OrderingPorts = {
      clock: systemClock,
      store: this.store,
      rules: {
        ...orderingRules,
        retryPolicy: { ...orderingRules.retryPolicy, resendFloor: this.env.ORDER_RESEND_FLOOR_MS },
        signs: readCmpSigns(this.env),
      },
      openCmp: (held) => this.#open(held),
      inTrace: inOrderTrace,
    };
    while (!this.#stop.signal.aborted) {
      try {
        if (await workOnOne(name, ports)) continue;
      } catch (error) {
        // Somebody else goes on with that order; anything else is tried again when the lease has ended.
        if (!(error instanceof LeaseLost)) this.#log.error('A step of an order failed.', error);
      }
      await systemClock.sleep(this.env.ORDER_POLL_MS, this.#stop.signal).catch(() => undefined);
    }
  }

  async #open(held: HeldOrder) {
    const { client, partnerAttestation } = await this.connections.open(held, 'order');
    const { orders, subscriptions, parameters } = client;
    return { orders, subscriptions, parameters, partnerAttestation };
  }
}

function inOrderTrace({ traceparent, tenantId, connectorId, order }: HeldOrder, work: () => Promise<void>) {
  const facts = {
    [attributes.tenantId]: tenantId,
    [attributes.connectorId]: connectorId,
    [attributes.orderId]: order.id,
  };
  return inSpanOf(traceparent, `order ${order.ask.kind} ${order.status}`, SpanKind.CONSUMER, facts, work);
}
