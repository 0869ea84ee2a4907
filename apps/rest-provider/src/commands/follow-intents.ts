import { Injectable } from '@nestjs/common';
import { ReadOrders } from '@isthmus/contracts';
import { Asker, AskUnanswered } from '@isthmus/messaging';
import { systemClock } from '@isthmus/domain';
import { RestProviderEnv } from '../config.ts';
import { progressOf } from '../domain/progress.ts';
import type { Intent } from '../domain/intent.ts';
import { Intents } from '../persistence/intents.ts';

const mostOrders = 200;

/** Follows the orders of writes in subscription-lifecycle, which alone knows how they stand. */
@Injectable()
export class FollowIntents {
  constructor(
    private readonly asker: Asker,
    private readonly intents: Intents,
    private readonly env: RestProviderEnv,
  ) {}

  /** How these writes of one connector stand now; those that cannot change any more are not asked about. */
  async look<R extends Intent>(intents: readonly R[]): Promise<R[]> {
    const asked = intents.filter(mayMove).slice(0, mostOrders / 2);
    const [first] = asked;
    if (!first) return [...intents];
    const { tenantId, connectorId } = first;
    const orderIds = asked.flatMap((intent) => intent.orderIds);
    const { orders } = await this.asker.ask(ReadOrders, { tenantId, connectorId, orderIds });
    const moved = intents.map(async (intent): Promise<R> => {
      const own = orders.filter(({ orderId }) => intent.orderIds.includes(orderId));
      const whole = asked.includes(intent) && own.length === intent.orderIds.length;
      return whole ? this.intents.note(intent, progressOf(own)) : intent;
    });
    return Promise.all(moved);
  }

  /** Waits until the write has ended and what was bought is known, at most as long as the setting says. */
  async wait<R extends Intent>(intent: R): Promise<R> {
    const until = Date.now() + this.env.WRITE_WAIT_MS;
    let now = intent;
    for (;;) {
      now = await this.#lookAt(now);
      if (!mayMove(now) || Date.now() + this.env.WRITE_LOOK_MS >= until) return now;
      await systemClock.sleep(this.env.WRITE_LOOK_MS);
    }
  }

  /** What nobody answers for is as it was: what is ordered stays ordered. */
  async #lookAt<R extends Intent>(intent: R): Promise<R> {
    try {
      const [now = intent] = await this.look([intent]);
      return now;
    } catch (error) {
      if (error instanceof AskUnanswered) return intent;
      throw error;
    }
  }
}

/** A finished purchase is asked about until its subscription is known. */
const mayMove = ({ status, subscriptionId, orderIds }: Intent): boolean =>
  orderIds.length > 0 && (status === 'ordered' || (status === 'done' && subscriptionId === null));
