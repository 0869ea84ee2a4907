import { randomUUID } from 'node:crypto';
import type { ProviderSubscriptionEndedV1 } from '@isthmus/contracts';
import { Message } from '@isthmus/messaging';
import { type Lifecycle, runLifecycle } from '../../test/lifecycle.fixture.ts';
import { daysAgo, mirrored } from '../../test/mirror.fixture.ts';
import { ProviderEvents } from './provider.events.ts';
import { SubscriptionNotKnownYet } from './subscription.ts';

let lifecycle: Lifecycle;
beforeAll(async () => {
  lifecycle = await runLifecycle();
});
afterAll(() => lifecycle.stop());

it('the end of a subscription that overtakes its beginning is taken in when it is delivered again', async () => {
  const id = randomUUID();
  const { tenantId, connectorId, service } = lifecycle;
  const end: ProviderSubscriptionEndedV1 = {
    connectorId,
    providerSubscriptionId: id,
    cmpSubscriptionId: `s${id}`,
    cmpAccountId: '1',
    status: 'terminated',
    reason: 'terminated',
    asOf: daysAgo(1),
  };
  const envelope = { id: randomUUID(), subject: id, tenantId, correlationId: 'sync', aggregateVersion: 2 };
  const message = new Message('x', { ...envelope, time: daysAgo(0) });
  const deliver = () => service.get(ProviderEvents).subscriptionEnded(end, message);

  await expect(deliver()).rejects.toThrow(SubscriptionNotKnownYet);
  await mirrored(lifecycle).subscription({}, id);
  await deliver();
  const read = await lifecycle.call('GET', `/v1/subscriptions/${id}`);
  expect(read.body).toMatchObject({ id, status: 'terminated' });
});
