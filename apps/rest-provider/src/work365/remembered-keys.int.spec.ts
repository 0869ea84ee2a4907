import { randomUUID } from 'node:crypto';
import { ApiKeyRevokedV1, ConnectorPausedV1, ConnectorRemovedV1 } from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import { hashOf } from '../../test/neighbours.fixture.ts';
import { type RunningProvider, runRestProvider, type Work365 } from '../../test/rest-provider.fixture.ts';

let remembering: RunningProvider;
beforeAll(async () => {
  remembering = await runRestProvider({ API_KEY_CACHE_MS: '30000' });
});
afterAll(() => remembering?.stop());

const nce = 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001';

describe('what is remembered of an API key', () => {
  const facts = ({ tenantId, connectorId }: Work365) => ({ tenantId, aggregateId: connectorId, version: 2 });

  it('is dropped at once when its connector is removed', async () => {
    const one = remembering.client();
    expect((await one.call('GET', '/customers')).status).toBe(200);
    remembering.world.keys.delete(hashOf(one.key));
    expect((await one.call('GET', '/customers')).status).toBe(200);
    const { connectorId } = one;
    await remembering.publish(ConnectorRemovedV1, { connectorId, name: 'Ingram', by: 'ann' }, facts(one));
    await eventually(async () => (await one.call('GET', '/customers')).status === 403);
  });

  it('is dropped within a second when the key is revoked, and those of other keys stay', async () => {
    const [one, other] = [remembering.client(), remembering.client()];
    for (const { call } of [one, other]) expect((await call('GET', '/customers')).status).toBe(200);
    const { apiKeyId } = remembering.world.keys.get(hashOf(one.key))!;
    for (const { key } of [one, other]) remembering.world.keys.delete(hashOf(key));
    const data = { apiKeyId, connectorId: one.connectorId, label: 'Work 365', by: 'ann' };
    await remembering.publish(ApiKeyRevokedV1, data, { ...facts(one), aggregateId: apiKeyId });
    const begun = Date.now();
    await eventually(async () => (await one.call('GET', '/customers')).status === 403, { everyMs: 20 });
    expect(Date.now() - begun).toBeLessThan(1_000);
    expect((await other.call('GET', '/customers')).status).toBe(200);
  });

  it('is not used beyond the expiry of the key', async () => {
    const one = remembering.client();
    const holder = remembering.world.keys.get(hashOf(one.key))!;
    const expiresAt = new Date(Date.now() + 1_500).toISOString();
    remembering.world.keys.set(hashOf(one.key), { ...holder, expiresAt });
    expect((await one.call('GET', '/customers')).status).toBe(200);
    remembering.world.keys.delete(hashOf(one.key));
    expect((await one.call('GET', '/customers')).status).toBe(200);
    await eventually(async () => (await one.call('GET', '/customers')).status === 403);
    expect(Date.now()).toBeGreaterThanOrEqual(Date.parse(expiresAt));
  });

  it('is asked for again when its connector is paused', async () => {
    const one = remembering.client();
    const purchase = { customer: { id: randomUUID() }, partNumber: nce, quantity: 1 };
    expect((await one.call('POST', '/subscriptions', purchase)).status).toBe(404);
    const holder = remembering.world.keys.get(hashOf(one.key))!;
    remembering.world.keys.set(hashOf(one.key), { ...holder, connectorStatus: 'paused' });
    const why = { automatic: false, cause: 'person', detail: 'd', nextStep: 'n', by: 'ann' };
    await remembering.publish(
      ConnectorPausedV1,
      { connectorId: one.connectorId, name: 'x', ...why },
      facts(one),
    );
    await eventually(async () => (await one.call('POST', '/subscriptions', purchase)).status === 409);
  });
});
