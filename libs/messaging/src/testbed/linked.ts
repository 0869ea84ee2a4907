import { randomUUID } from 'node:crypto';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '../outbox/event.ts';

export const tenantId = '0197a1f0-0000-7000-8000-000000000001';

/** A small event of account-sync. `by` is what the handlers of these tests look at. */
export function linked(
  by = 'somebody',
  aggregateId: string = randomUUID(),
  version = 1,
): NewEvent<ProviderAccountLinkedV1> {
  const data = { providerAccountId: aggregateId, tenantAccountId: 'T-1', by };
  return event(ProviderAccountLinkedV1, data, { tenantId, aggregateId, version });
}
