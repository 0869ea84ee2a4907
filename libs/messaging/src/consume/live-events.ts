import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common';
import { contractOf, type ContractClass, type EventContract, eventSubjects } from '@isthmus/contracts';
import type { Subscription } from '@nats-io/transport-node';
import { type Message, plainHeaders, toMessage } from '../message.ts';
import { NatsConnection } from '../nats/nats-connection.ts';

/**
 * Events as they are published, delivered to every process and stored for none: for invalidating what a process has cached.
 * Events that must not be missed are consumed with `@On`.
 */
@Injectable()
export class LiveEvents implements OnModuleDestroy {
  readonly #logger = new Logger('LiveEvents');
  readonly #subscriptions: Subscription[] = [];
  #closed = false;

  constructor(private readonly nats: NatsConnection) {}

  /** Begins as soon as NATS is reachable; the subscription then survives reconnections. */
  watch(contracts: readonly ContractClass[], onEvent: (message: Message) => void): void {
    const subscribe = async () => {
      const core = await this.nats.ready();
      if (this.#closed) return;
      for (const contract of contracts) {
        const subjects = eventSubjects(contractOf(contract) as EventContract);
        const callback: Parameters<typeof core.subscribe>[1] = {
          callback: (error, published) => {
            try {
              if (error) throw error;
              onEvent(toMessage(published.subject, plainHeaders(published.headers)));
            } catch (cause) {
              this.#logger.warn(`A live event of ${subjects} was not handled: ${String(cause)}`);
            }
          },
        };
        this.#subscriptions.push(core.subscribe(subjects, callback));
      }
    };
    // Rejects only when the process ends before NATS was reachable.
    subscribe().catch(() => undefined);
  }

  onModuleDestroy(): void {
    this.#closed = true;
    for (const subscription of this.#subscriptions) subscription.unsubscribe();
  }
}
