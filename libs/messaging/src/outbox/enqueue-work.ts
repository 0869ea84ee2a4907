import { EntityManager } from '@mikro-orm/core';
import type { ContractClass } from '@isthmus/contracts';
import type { Message } from '../message.ts';
import { emitMany } from './emit-many.ts';
import { emit } from './emit.ts';
import { event } from './event.ts';
import type { Statements } from './statements.ts';

export interface WorkFacts {
  tenantId: string;
  cause?: Message;
  correlationId?: string;
}

/**
 * Leaves work for the service's own workers, in the caller's transaction. The item goes through the outbox, so it is
 * queued exactly when the transaction commits; await the answer when a client was given.
 */
export function enqueueWork<T extends object>(
  into: EntityManager | Statements,
  contract: ContractClass<T>,
  data: T,
  facts: WorkFacts,
): Promise<void> {
  const item = event(contract, data, { ...facts, aggregateId: '', version: 1 });
  item.aggregateId = item.id;
  if (!(into instanceof EntityManager)) return emitMany(into, [item]);
  emit(into, item);
  return Promise.resolve();
}
