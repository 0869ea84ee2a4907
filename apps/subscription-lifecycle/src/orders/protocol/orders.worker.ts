import { hostname } from 'node:os';
import { CmpConnections } from '@isthmus/cmp-connections';
import { systemClock } from '@isthmus/domain';
import { withSpan, RetryLoop } from '@isthmus/messaging';
import { attributes, inTenant } from '@isthmus/service-kit';
import {
  type BeforeApplicationShutdown,
  Injectable,
  Logger,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { SpanKind } from '@opentelemetry/api';
import { OrderCalls } from '../calls/order-calls.store.ts';
import { readCmpSigns, SubscriptionLifecycleEnv } from '../../config.ts';
import { PostgresOrderStore } from '../order.store.ts';
import { workOnOne } from './order-steps.ts';
import { type ClaimedOrder, LeaseLost, type OrderingPorts, orderingRules } from './ordering.ts';

/**
 * Processes due orders, several at a time. Due orders are in the database; the bus is needed to get CMP's credentials, so
 * orders wait while it is down and continue automatically.
 */
@Injectable()
export class OrderWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(OrderWorker.name);
  #loops: RetryLoop[] = [];

  constructor(
    private readonly store: PostgresOrderStore,
    private readonly connections: CmpConnections,
    private readonly calls: OrderCalls,
    private readonly env: SubscriptionLifecycleEnv,
  ) {}

  onApplicationBootstrap(): void {
    const ports = this.#ports();
    this.#loops = Array.from({ length: this.env.ORDER_WORKERS }, (_, n) => {
      const holder = `${hostname()}/${process.pid}/${n}`;
      return new RetryLoop({
        name: 'Work on orders',
        run: () => workOnDue(holder, ports),
        idleMs: this.env.ORDER_POLL_MS,
        log: this.#log,
      });
    });
    for (const loop of this.#loops) loop.start();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.#loops.map((loop) => loop.stop()));
  }

  #ports(): OrderingPorts {
    return {
      clock: systemClock,
      store: this.store,
      rules: {
        ...orderingRules,
        retryPolicy: { ...orderingRules.retryPolicy, resendFloor: this.env.ORDER_RESEND_FLOOR_MS },
        signs: readCmpSigns(this.env),
      },
      openCmp: (claimed) => this.#open(claimed),
      inTrace: (claimed, work) => inOrderTrace(claimed, () => this.calls.recording(claimed, work)),
    };
  }

  async #open(claimed: ClaimedOrder) {
    const { client, partnerAttestation } = await this.connections.open(claimed, 'order');
    const { orders, subscriptions, parameters } = client;
    return { orders, subscriptions, parameters, partnerAttestation };
  }
}

/** @returns whether there may be more; a failed step is repeated when the lease has expired */
async function workOnDue(holder: string, ports: OrderingPorts): Promise<boolean> {
  try {
    return await workOnOne(holder, ports);
  } catch (error) {
    // Another worker continues with that order.
    if (error instanceof LeaseLost) return false;
    throw error;
  }
}

function inOrderTrace(
  { traceparent, tenantId, connectorId, order }: ClaimedOrder,
  work: () => Promise<void>,
) {
  const facts = {
    [attributes.tenantId]: tenantId,
    [attributes.connectorId]: connectorId,
    [attributes.orderId]: order.id,
  };
  const name = `order ${order.spec.kind} ${order.status}`;
  return inTenant(tenantId, () => withSpan(traceparent, name, SpanKind.CONSUMER, facts, work));
}
