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
/** Equals the number that one request for a connector may read. */
const awaitingSize = 100;
const beforeAll = '00000000-0000-0000-0000-000000000000';

/** Finishes writes that outlived their request. Several processes may do it: every step can be repeated. */
@Injectable()
export class FinishIntents implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #log = new Logger(FinishIntents.name);
  readonly #loop: RetryLoop;
  #after = beforeAll;

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
      backoff: { firstMs: FOLLOW_MS, maxMs: FOLLOW_MS },
      log: this.#log,
    });
  }

  onApplicationBootstrap(): void {
    if (this.env.FOLLOW_MS > 0) this.#loop.start();
  }

  beforeApplicationShutdown(): Promise<void> {
    return this.#loop.stop();
  }

  /** Processes all unfinished writes once. */
  async once(): Promise<void> {
    const acrossAll = <T>(find: () => Promise<T>) => acrossTenants('find unfinished writes', find);
    await this.#refresh(await acrossAll(() => this.intents.unfinished(batchSize)));
    await this.#refresh(await acrossAll(() => this.#nextAwaiting()));
  }

  async #refresh(intents: readonly Intent[]): Promise<void> {
    const byConnector = Map.groupBy(intents, ({ tenantId, connectorId }) => `${tenantId} ${connectorId}`);
    for (const own of byConnector.values())
      await inTenant(own[0]!.tenantId, async () => {
        for (const intent of await this.orders.refresh(own)) await this.#finish(intent);
      });
  }

  /** Writes may wait for approval for days: each round processes a part of them, so that they do not delay the others. */
  async #nextAwaiting(): Promise<Intent[]> {
    const found = await this.intents.awaitingApproval(awaitingSize, this.#after);
    this.#after = found.length === awaitingSize ? found.at(-1)!.id : beforeAll;
    return found;
  }

  /** A write that cannot be finished does not block the others; the next round tries it again. */
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
