import { Injectable } from '@nestjs/common';
import { MikroORM, type EntityManager } from '@mikro-orm/postgresql';
import { MessagingOptions } from '../messaging-options.ts';
import type { Message } from '../message.ts';
import { once } from './once.ts';

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
