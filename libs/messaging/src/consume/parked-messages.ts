import { readEventSubject, tenantToken } from '@isthmus/contracts';
import { type EntityManager, MikroORM, raw } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { codeOf, messageOf } from '../failure.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { fromPlainHeaders } from '../message.ts';
import { Publisher } from '../outbox/publisher.ts';
import { JetStreamServer } from './transport.ts';
import { deliver } from './consumer.ts';
import { ParkedMessage } from '../tables.ts';

const listed = ['id', 'direction', 'subject', 'reason', 'detail', 'tries', 'parkedAt'] as const;
type ListedMessage = Pick<ParkedMessage, (typeof listed)[number]>;

/** How long a person waits for a handler. */
const patienceMs = 20_000;

/** Where a page of parked messages begins: behind this one. */
export interface ParkedPlace {
  parkedAt: Date;
  id: string;
}

/** Everything about a parked message but its contents. */
const described = [...listed, 'headers'] as const;
export type DescribedMessage = Pick<ParkedMessage, (typeof described)[number]>;

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

  /** Those of one tenant, the latest first, without their contents; one more than `limit` if there are more. */
  listOf(tenantId: string, after: ParkedPlace | undefined, limit: number): Promise<DescribedMessage[]> {
    const later = after
      ? {
          $or: [{ parkedAt: { $lt: after.parkedAt } }, { parkedAt: after.parkedAt, id: { $lt: after.id } }],
        }
      : {};
    return this.#parked((em) =>
      em.find(
        ParkedMessage,
        { $and: [ofTenant(tenantId), later] },
        { fields: described, orderBy: { parkedAt: 'desc', id: 'desc' }, limit: limit + 1 },
      ),
    );
  }

  /** @throws ParkedMessageNotFound, also when it is another tenant's */
  async readOf(tenantId: string, id: string): Promise<DescribedMessage> {
    const condition = { $and: [ofTenant(tenantId), { id }] };
    const found = await this.#parked((em) => em.findOne(ParkedMessage, condition, { fields: described }));
    if (!found) throw new ParkedMessageNotFound(id);
    return found;
  }

  /**
   * Handles (or publishes) a parked message now. If it fails again, it remains parked and the error is thrown.
   *
   * @param removed runs in the transaction that removes it
   * @throws ParkedMessageNotFound, NoHandler, or any error of the handler
   */
  async unpark(id: string, removed?: Removed): Promise<void> {
    const parked = await this.#parked((em) => em.findOne(ParkedMessage, { id }));
    if (!parked) throw new ParkedMessageNotFound(id);
    try {
      await (parked.direction === 'in' ? this.#deliver(parked) : this.#publish(parked));
    } catch (error) {
      await this.#parked((em) => em.nativeUpdate(ParkedMessage, { id }, failedAgain(error)));
      throw error;
    }
    await this.drop(id, removed);
  }

  /**
   * Removes a parked message. Two that do so at the same time remove it once.
   * @param removed runs in the transaction that removes it
   */
  async drop(id: string, removed?: Removed): Promise<void> {
    await this.#parked((em) =>
      em.transactional(async (inside) => {
        const count = await inside.nativeDelete(ParkedMessage, { id });
        if (count > 0) await removed?.(inside as EntityManager);
      }),
    );
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
      AbortSignal.timeout(patienceMs),
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

type Removed = (em: EntityManager) => Promise<void>;

/**
 * The subject says whose a message is, because NATS controls who may publish under it. A message whose own attributes contradict its
 * subject, or that has none, is nobody's: it may hold what another tenant published.
 */
const ofTenant = (tenantId: string) => ({
  [raw((alias) => `split_part(${alias}.subject, '.', 2)`)]: tenantToken(tenantId),
  reason: { $nin: ['envelope.invalid', 'subject.invalid'] },
});

const failedAgain = (error: unknown) => ({
  tries: raw('tries + 1'),
  reason: codeOf(error) ?? 'handler.failed',
  detail: messageOf(error).replaceAll('\u0000', '\uFFFD').slice(0, 4_000),
});

/** No parked message has this id, or no longer. */
export class ParkedMessageNotFound extends Error {
  override readonly name = 'ParkedMessageNotFound';
  readonly code = 'messaging.parked-message-unknown';

  constructor(readonly id: string) {
    super(`No message is parked under ${id}; it may have been unparked already.`);
  }
}
