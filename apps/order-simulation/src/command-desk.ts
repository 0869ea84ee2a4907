import { Answer, replay, type IdempotentRequest, type StoredAnswer } from '@isthmus/service-kit';
import type { OrderSpec } from '@isthmus/subscription-lifecycle/orders/order.ts';
import { uuidOf } from './events/outbox.ts';
import type { MemoryStore } from './memory-store.ts';

/** Where commands come in. Key, answer and order are stored together, as the service's one statement does. */
export class CommandDesk {
  readonly answers = new Map<string, StoredAnswer>();

  constructor(private readonly store: MemoryStore) {}

  /**
   * The answer to a command, and the same again when the command is given again.
   * @throws Problem 422 when the key was used for another command
   */
  async place(key: string, ask: OrderSpec): Promise<Answer> {
    return this.repeat(key, ask) ?? this.accept(key, ask);
  }

  /** The answer given before, if any. @throws Problem */
  repeat(key: string, ask: OrderSpec): Answer | undefined {
    const stored = this.answers.get(key);
    return stored && replay(stored, requestOf(key, ask));
  }

  accept(key: string, ask: OrderSpec): Answer {
    const answer = Answer.accepted(`/v1/orders/${this.store.insert(ask)}`, undefined);
    const { status, headers } = answer;
    this.answers.set(key, { body_hash: requestOf(key, ask).bodyHash, status, headers, body: null });
    return answer;
  }
}

const requestOf = (key: string, ask: OrderSpec): IdempotentRequest => ({
  tenantId: uuidOf(0, 1),
  route: 'POST /v1/orders',
  key,
  bodyHash: JSON.stringify(ask),
});
