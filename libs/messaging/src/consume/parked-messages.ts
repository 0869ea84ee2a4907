import { readEventSubject } from '@isthmus/contracts';
import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { MessagingOptions } from '../messaging-options.ts';
import { fromPlainHeaders } from '../message.ts';
import { Publisher } from '../outbox/publisher.ts';
import { JetStreamServer } from './transport.ts';
import { deliver } from './consumer.ts';
import { ParkedMessage } from '../tables.ts';

const listed = ['id', 'direction', 'subject', 'reason', 'detail', 'tries', 'parkedAt'] as const;
type ListedMessage = Pick<ParkedMessage, (typeof listed)[number]>;

/** The parked messages, for operators to inspect and to deliver or publish after all. */
@Injectable()
export class ParkedMessages {
  constructor(
    private readonly orm: MikroORM,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
    private readonly server: JetStreamServer,
  ) {}

  /** The latest first. */
  list(limit = 100): Promise<ListedMessage[]> {
    return this.#parked((em) =>
      em.find(ParkedMessage, {}, { fields: listed, orderBy: { parkedAt: 'desc' }, limit }),
    );
  }

  /**
   * Handles (or publishes) a parked message now. If it fails again, it remains parked and the error is thrown.
   *
   * @throws ParkedMessageNotFound, NoHandler, or any error of the handler
   */
  async unpark(id: string): Promise<void> {
    const parked = await this.#parked((em) => em.findOne(ParkedMessage, { id }));
    if (!parked) throw new ParkedMessageNotFound(id);
    await (parked.direction === 'in' ? this.#deliver(parked) : this.#publish(parked));
    await this.#parked((em) => em.nativeDelete(ParkedMessage, { id }));
  }

  #parked<T>(work: (em: EntityManager) => Promise<T>): Promise<T> {
    return this.options.tenants.across('park a message', () => work(this.orm.em.fork() as EntityManager));
  }

  async #deliver(parked: ParkedMessage): Promise<void> {
    const once = { ...this.options.retry, localDelaysMs: [] };
    const outcome = await deliver(
      parked,
      this.server.handlerFor(readEventSubject(parked.subject).eventType),
      once,
      AbortSignal.timeout(60_000),
    );
    if (outcome.kind !== 'done') throw outcome.error;
  }

  async #publish({ subject, headers, payload }: ParkedMessage): Promise<void> {
    const [failure] = await this.publisher.publishAll([
      { subject, headers: fromPlainHeaders(headers), payload },
    ]);
    if (failure) throw failure;
  }
}

/** No parked message has this id, or no longer. */
export class ParkedMessageNotFound extends Error {
  override readonly name = 'ParkedMessageNotFound';
  readonly code = 'messaging.parked-message-unknown';

  constructor(readonly id: string) {
    super(`No message is parked under ${id}; it may have been unparked already.`);
  }
}
