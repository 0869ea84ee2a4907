import { setTimeout as sleep } from 'node:timers/promises';
import {
  Injectable,
  Logger,
  type BeforeApplicationShutdown,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { FollowIntents } from '../commands/follow-intents.ts';
import { OrderIntents } from '../commands/order-intents.ts';
import { RestProviderEnv } from '../config.ts';
import type { Intent } from '../domain/intent.ts';
import { Intents } from '../persistence/intents.ts';

const atOnce = 200;

/** Looks after writes that outlived their request. Several processes may do it: every step can be repeated. */
@Injectable()
export class FinishIntents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(FinishIntents.name);
  readonly #stop = new AbortController();
  #done: Promise<void> = Promise.resolve();

  constructor(
    private readonly intents: Intents,
    private readonly follow: FollowIntents,
    private readonly orders: OrderIntents,
    private readonly env: RestProviderEnv,
  ) {}

  onApplicationBootstrap(): void {
    if (this.env.FOLLOW_MS > 0) this.#done = this.#forEver();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#stop.abort();
    await this.#done;
  }

  async #forEver(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.once().catch((error: unknown) => this.#log.warn(`Writes were not looked after: ${error}`));
      await sleep(this.env.FOLLOW_MS, undefined, { signal: this.#stop.signal }).catch(() => undefined);
    }
  }

  /** One round over all that is unfinished. */
  async once(): Promise<void> {
    const unfinished = await this.intents.unfinished(atOnce);
    const byConnector = Map.groupBy(unfinished, ({ tenantId, connectorId }) => `${tenantId} ${connectorId}`);
    for (const intents of byConnector.values())
      for (const intent of await this.follow.look(intents)) await this.#finish(intent);
  }

  /** One that cannot be finished does not hold the others up; it is tried again in the next round. */
  async #finish(intent: Intent): Promise<void> {
    try {
      await this.orders.handOver(intent);
    } catch (error) {
      this.#log.warn(`Purchase ${intent.id} is not handed over yet: ${String(error)}`);
    }
  }
}
