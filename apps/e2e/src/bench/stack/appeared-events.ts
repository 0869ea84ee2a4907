import { randomUUID } from 'node:crypto';
import { ProviderSubscriptionAppearedV1 } from '@isthmus/contracts';
import { event, type NewEvent } from '@isthmus/messaging';

/** Events as the first sync of a connector says them. */
export function manyAppeared(count: number): NewEvent[] {
  const [tenantId, connectorId] = [randomUUID(), randomUUID()];
  return Array.from({ length: count }, (_, n) => {
    const providerSubscriptionId = randomUUID();
    const data: ProviderSubscriptionAppearedV1 = {
      connectorId,
      providerSubscriptionId,
      cmpSubscriptionId: String(5_000_000 + n),
      cmpAccountId: String(3_000_000 + (n % 5_000)),
      providerAccountId: randomUUID(),
      status: 'active',
      asOf: '2026-11-02T09:00:00.000Z',
      name: 'Microsoft 365 Business Premium (NCE, annual term, monthly billing)',
      autoRenew: true,
      creationDate: '2024-02-03',
      renewalDate: '2027-02-03',
      expirationDate: '2027-02-02',
      billingPeriod: { type: 'month', duration: 1 },
      term: { type: 'year', duration: 1 },
      quantityKnown: false,
      lines: [],
    };
    return event(ProviderSubscriptionAppearedV1, data, {
      tenantId,
      aggregateId: providerSubscriptionId,
      version: 1,
    });
  });
}
