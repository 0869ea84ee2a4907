import { randomUUID } from 'node:crypto';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';

/** A small event. */
export function link(): NewEvent {
  const providerAccountId = randomUUID();
  const data = { providerAccountId, tenantAccountId: 'T-1', by: 'benchmark' };
  const facts = { tenantId: randomUUID(), aggregateId: providerAccountId, version: 1 };
  return event(ProviderAccountLinkedV1, data, facts);
}
