import { randomUUID } from 'node:crypto';
import { contractOf, type ContractClass } from '@isthmus/contracts';
import type { Message } from '../message.ts';
import { activeTraceparent } from '../telemetry/traceparent.ts';

/** Something about to be said: give it to `emit` or `emitMany`. Its data is checked by the compiler, not at run time. */
export interface NewEvent<T extends object = object> {
  id: string;
  /** The contract's subject. */
  subject: string;
  aggregateId: string;
  aggregateVersion: number;
  tenantId: string;
  correlationId: string;
  traceparent: string | null;
  time: Date;
  data: T;
}

export interface EventFacts {
  tenantId: string;
  aggregateId: string;
  /** Of the aggregate, after the change. */
  version: number;
  /** The message this one follows from; it hands on its correlation. */
  cause?: Message;
  /** Of the command this one follows from, when there is no message. */
  correlationId?: string;
}

/** A fact in the words of its contract. */
export function event<T extends object>(contract: ContractClass<T>, data: T, facts: EventFacts): NewEvent<T> {
  const id = randomUUID();
  return {
    id,
    subject: contractOf(contract).subject,
    aggregateId: facts.aggregateId,
    aggregateVersion: facts.version,
    tenantId: facts.tenantId,
    correlationId: facts.cause?.correlationId ?? facts.correlationId ?? id,
    traceparent: activeTraceparent() ?? null,
    time: new Date(),
    data,
  };
}
