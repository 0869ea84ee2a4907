import { randomUUID } from 'node:crypto';
import type { ClientBase } from 'pg';
import { searchOutbox, toOutgoing, type OutboxRange } from './outbox-rows.ts';
import type { Publisher } from './publisher.ts';

/**
 * Says again what was said before, in order. Receivers recognise it by its id.
 *
 * @param anew true when JetStream has to store it even though it has it: for consumers that are to hear it again
 * @returns how many events were published
 */
export async function republish(
  client: ClientBase,
  publisher: Publisher,
  source: string,
  range: OutboxRange,
  anew: boolean,
): Promise<number> {
  const suffix = anew ? `:${randomUUID()}` : '';
  let count = 0;
  for (let after = range.after; ;) {
    const rows = await searchOutbox(client, { ...range, after }, 1_000);
    if (rows.length === 0) return count;
    const messages = rows.map((row) => toOutgoing(row, source));
    messages.forEach(({ headers }, index) => headers.set('Nats-Msg-Id', rows[index]!.id + suffix));
    const failure = (await publisher.publishAll(messages)).find(
      (result) => result?.code === 'publish.unconfirmed',
    );
    if (failure) throw failure;
    count += rows.length;
    after = rows.at(-1)!.position;
  }
}
