import { Injectable } from '@nestjs/common';
import { Pool } from 'pg';
import { MessagingOptions } from '../messaging-options.ts';
import { fromPlainHeaders } from '../message.ts';
import { Publisher } from '../outbox/publisher.ts';
import { JetStreamServer } from './transport.ts';
import { deliver } from './consumer.ts';
import type { ParkedMessage } from '../tables.ts';

type Parked = Pick<
  ParkedMessage,
  'id' | 'direction' | 'subject' | 'reason' | 'detail' | 'tries' | 'parkedAt'
>;
type Stored = { direction: 'in' | 'out'; subject: string; headers: Record<string, string>; payload: Buffer };

/** What was parked, for people to inspect and to deliver or publish after all. */
@Injectable()
export class ParkedMessages {
  constructor(
    private readonly pool: Pool,
    private readonly publisher: Publisher,
    private readonly options: MessagingOptions,
    private readonly server: JetStreamServer,
  ) {}

  /** The latest first. */
  async list(limit = 100): Promise<Parked[]> {
    const { rows } = await this.pool.query<Parked>(
      `select id, direction, subject, reason, detail, tries, parked_at as "parkedAt"
       from parked_messages order by parked_at desc limit $1`,
      [limit],
    );
    return rows;
  }

  /**
   * Handles (or publishes) a parked message now. If it fails again, it stays parked and the error is thrown.
   *
   * @throws ParkedMessageUnknown, NothingHearsIt, or whatever the handler throws
   */
  async unpark(id: string): Promise<void> {
    const { rows } = await this.pool.query<Stored>(
      'select direction, subject, headers, payload from parked_messages where id = $1',
      [id],
    );
    if (!rows[0]) throw new ParkedMessageUnknown(id);
    await (rows[0].direction === 'in' ? this.#deliver(rows[0]) : this.#publish(rows[0]));
    await this.pool.query('delete from parked_messages where id = $1', [id]);
  }

  async #deliver(stored: Stored): Promise<void> {
    const once = { ...this.options.retry, localDelaysMs: [] };
    const outcome = await deliver(
      stored,
      this.server.hearerOf(stored.subject),
      once,
      AbortSignal.timeout(60_000),
    );
    if (outcome.kind !== 'done') throw outcome.error;
  }

  async #publish({ subject, headers, payload }: Stored): Promise<void> {
    const [failure] = await this.publisher.publishAll([
      { subject, headers: fromPlainHeaders(headers), payload },
    ]);
    if (failure) throw failure;
  }
}

/** No parked message has this id, or no longer. */
export class ParkedMessageUnknown extends Error {
  override readonly name = 'ParkedMessageUnknown';
  readonly code = 'messaging.parked-message-unknown';

  constructor(readonly id: string) {
    super(`No message is parked under ${id}; it may have been unparked already.`);
  }
}
