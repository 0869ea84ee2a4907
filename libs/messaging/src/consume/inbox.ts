import { type EntityManager, MikroORM } from '@mikro-orm/postgresql';
import { Injectable } from '@nestjs/common';
import type { Message } from '../message.ts';
import { MessagingOptions } from '../messaging-options.ts';

/** Makes a message's effect happen once, however often the message is delivered. */
@Injectable()
export class Inbox {
  constructor(
    private readonly orm: MikroORM,
    private readonly options: MessagingOptions,
  ) {}

  /**
   * Runs `effect` in a transaction that also records the message; of a message recorded before, nothing runs. All effects of
   * a message belong in this one call. Deliveries that overlap wait for each other on the row.
   */
  async once(message: Message, effect: (em: EntityManager) => Promise<unknown>): Promise<void> {
    await this.orm.em.fork().transactional(async (em) => {
      const note = async () => {
        const recorded = await em.execute(
          'insert into inbox (consumer, event_id) values (?, ?) on conflict do nothing returning event_id',
          [this.options.consumer, message.id],
        );
        return recorded.length > 0;
      };
      await once(note, () => effect(em));
    });
  }
}

/**
 * The rule of the inbox: the effect runs when its message was not noted before. Noting and effect are one transaction, so
 * that neither is there without the other.
 *
 * @param note notes the message; answers false when it had been noted already
 */
export async function once(note: () => Promise<boolean>, effect: () => Promise<unknown>): Promise<void> {
  if (await note()) await effect();
}
