import { Controller } from '@nestjs/common';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { Inbox } from '../consume/inbox.ts';
import { On } from '../consume/on.ts';
import { Message } from '../message.ts';
import { Effect } from './effect.entity.ts';

/** Writes down what it hears; fails while `broken` says so of an event. */
@Controller()
export class NoteLinks {
  static broken: (data: ProviderAccountLinkedV1, message: Message) => Error | undefined = () => undefined;

  constructor(private readonly inbox: Inbox) {}

  @On(ProviderAccountLinkedV1)
  async handle(data: ProviderAccountLinkedV1, message: Message): Promise<void> {
    const error = NoteLinks.broken(data, message);
    if (error) throw error;
    await this.inbox.once(message, async (em) => {
      em.persist(
        em.create(Effect, {
          eventId: message.id,
          aggregate: message.subject,
          version: message.aggregateVersion,
          name: data.by,
        }),
      );
    });
  }
}
