import { setTimeout as sleep } from 'node:timers/promises';
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
  readonly #stop = new AbortController();
  #loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly intents: WriteIntentStore,
    private readonly orders: IntentOrders,
    private readonly env: RestProviderEnv,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.FOLLOW_MS > 0) this.#loop = this.#run();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.once().catch((error: unknown) => this.#log.warn(`Writes could not be followed: ${error}`));
      await sleep(this.env.FOLLOW_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** One round over all that is unfinished. */
  async once(): Promise<void> {
    const unfinished = await this.intents.unfinished(batchSize);
    const byConnector = Map.groupBy(unfinished, ({ tenantId, connectorId }) => `${tenantId} ${connectorId}`);
    for (const intents of byConnector.values())
      for (const intent of await this.orders.refresh(intents)) await this.#finish(intent);
  }

  /** One that cannot be finished does not hold up the others; it is tried again in the next round. */
  async #finish(intent: Intent): Promise<void> {
    try {
      await this.orders.handOver(intent);
    } catch (error) {
      this.#log.warn(`Purchase ${intent.id} is not handed over yet: ${String(error)}`);
    }
  }
}
