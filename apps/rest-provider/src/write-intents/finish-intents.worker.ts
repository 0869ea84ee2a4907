import { RetryLoop } from '@isthmus/messaging';
import { acrossTenants, inTenant } from '@isthmus/service-kit';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { RestProviderEnv } from '../config.ts';
import { IntentOrders } from './intent-orders.service.ts';
import type { Intent } from './write-intent.ts';
import { WriteIntentStore } from './write-intents.store.ts';

const batchSize = 200;

/** Finishes writes that outlived their request. Several processes may do it: every step can be repeated. */
@Injectable()
export class FinishIntents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(FinishIntents.name);
  readonly #loop: RetryLoop;

  constructor(
    private readonly intents: WriteIntentStore,
    private readonly orders: IntentOrders,
    private readonly env: RestProviderEnv,
  ) {
    const { FOLLOW_MS } = env;
    this.#loop = new RetryLoop({
      name: 'Finishing writes',
      run: () => this.once(),
      idleMs: FOLLOW_MS,
      backoff: { firstMs: FOLLOW_MS, mostMs: FOLLOW_MS },
      log: this.#log,
    });
  }

  onApplicationBootstrap(): void {
    if (this.env.FOLLOW_MS > 0) this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }

  /** One round over all that is unfinished. */
  async once(): Promise<void> {
    const unfinished = await acrossTenants('find unfinished writes', () =>
      this.intents.unfinished(batchSize),
    );
    const byConnector = Map.groupBy(unfinished, ({ tenantId, connectorId }) => `${tenantId} ${connectorId}`);
    for (const intents of byConnector.values())
      await inTenant(intents[0]!.tenantId, () => this.#finishAll(intents));
  }

  async #finishAll(intents: readonly Intent[]): Promise<void> {
    for (const intent of await this.orders.refresh(intents)) await this.#finish(intent);
  }

  /** One that cannot be finished does not hold up the others; it is tried again in the next round. */
  async #finish(intent: Intent): Promise<void> {
    try {
      await this.orders.handOver(intent);
    } catch (error) {
      this.#log.warn(
        `Friendly name and auto-renew of purchase ${intent.id} were not passed on yet: ${String(error)}`,
      );
    }
  }
}
