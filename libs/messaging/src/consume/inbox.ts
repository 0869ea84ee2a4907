import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import { statementsOf } from '../entity-queries.ts';
import type { Message } from '../message.ts';
import { MessagingOptions } from '../messaging-options.ts';
import { InboxMessage } from '../tables.ts';

const statements = statementsOf<typeof InboxMessage>();

/** Makes a message take effect once, however often it is delivered. */
@Injectable()
export class Inbox {
  constructor(
    private readonly orm: MikroORM,
    private readonly options: MessagingOptions,
  ) {}

  /**
   * Runs `effect` in a transaction of the message's tenant that also records the message; does nothing if the message was recorded before. All effects
   * of a message belong in one call. Overlapping deliveries wait for each other on the row.
   */
  once(message: Message, effect: (em: EntityManager) => Promise<unknown>): Promise<void> {
    return this.options.tenants.within(message.tenantId, () => this.#once(message, effect));
  }

  async #once(message: Message, effect: (em: EntityManager) => Promise<unknown>): Promise<void> {
    await this.orm.em.fork().transactional(async (em) => {
      const record = async () => {
        const recorded = await statements(em as EntityManager)
          .insertInto('InboxMessage')
          .values({ consumer: this.options.consumer, eventId: message.id, handledAt: new Date() })
          .onConflict((conflict) => conflict.doNothing())
          .returning('eventId')
          .executeTakeFirst();
        return recorded !== undefined;
      };
      await once(record, () => effect(em));
    });
  }
}

/**
 * The rule of the inbox: the effect runs only if its message has not been recorded before. Record and effect are one transaction,
 * so that there is never one without the other.
 *
 * @param record records the message; resolves false if it was recorded already
 */
export async function once(record: () => Promise<boolean>, effect: () => Promise<unknown>): Promise<void> {
  if (await record()) await effect();
}
