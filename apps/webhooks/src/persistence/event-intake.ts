import { Injectable } from '@nestjs/common';
import { MessagingOptions } from '@isthmus/messaging';
import { Pool } from 'pg';
import { GroupCommit } from './group-commit.ts';
import { storeEvents, type HeardEvent } from './store-events.ts';

/**
 * The inbox of this service, for many events at a time: what `Inbox.once` does for one, with a transaction of four round trips
 * each, is one statement for all that are heard at the same moment.
 */
@Injectable()
export class EventIntake {
  readonly #commits: GroupCommit<HeardEvent, number | Promise<number>>;

  constructor(
    private readonly pool: Pool,
    private readonly options: MessagingOptions,
  ) {
    this.#commits = new GroupCommit((events) => this.#store(events));
  }

  /** Resolves when the event is stored; answers how many endpoints it goes to, 0 when it was heard before. */
  async store(event: HeardEvent): Promise<number> {
    return this.#commits.add(event);
  }

  /** One that PostgreSQL refuses must not take the others with it: then each goes alone. */
  async #store(events: readonly HeardEvent[]): Promise<(number | Promise<number>)[]> {
    const { consumer } = this.options;
    try {
      return await storeEvents(this.pool, consumer, events);
    } catch (error) {
      if (events.length === 1) throw error;
      return events.map(async (event) => (await storeEvents(this.pool, consumer, [event]))[0]!);
    }
  }
}
