import type { EntityManager } from '@mikro-orm/core';
import type { NewEvent } from './event.ts';
import { OutboxMessage } from './outbox-message.entity.ts';

/**
 * Adds a row to the outbox through the caller's entity manager, and nothing else: it is said when the caller's transaction
 * commits, and was never said when it does not.
 */
export function emit(em: EntityManager, event: NewEvent): void {
  em.persist(em.create(OutboxMessage, event));
}
