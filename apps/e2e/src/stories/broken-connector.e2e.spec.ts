import { randomUUID } from 'node:crypto';
import { eventProbe, type EventProbe, eventually } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let probe: EventProbe;
beforeAll(async () => {
  platform = await startPlatform();
  probe = await eventProbe(platform.nats.url);
});
afterAll(async () => {
  await probe?.close();
  await platform?.stop();
});

it.each([
  ['a wrong password', { password: 'not-the-password' }, 'password'],
  ['a wrong subscription key', { subscriptionKey: '0'.repeat(32) }, 'subscription-key'],
  ['a wrong marketplace', { marketplace: 'fr' }, 'marketplace'],
  ['an unreachable host', { apiUrl: 'http://cmp.invalid/marketplace/na' }, 'dns'],
])(
  'names %s in Verify Connectivity, stops the sync with it and pauses the connector once',
  async (name, wrong, cause) => {
    const user = await platform.as();
    const { id } = await createConnector(user, connectorFields(platform, 'us', { name, ...wrong }));
    const { body: verification } = await user.connectors.post(`/v1/connectors/${id}/verify`);
    expect(verification.ok).toBe(false);
    expect(verification.steps.at(-1)).toMatchObject({ ok: false, cause, mend: expect.stringMatching(/\w+/) });

    const run = await sync(user.accounts, { connectorId: id, scope: 'accounts' });

    expect(run).toMatchObject({
      status: 'failed',
      failure: { detail: expect.any(String), nextStep: expect.any(String) },
    });
    await eventually(
      async () => (await user.connectors.get(`/v1/connectors/${id}`)).body.status === 'paused',
    );
    const { body: connector } = await user.connectors.get(`/v1/connectors/${id}`);
    expect(connector.paused).toMatchObject({ automatic: true, detail: run.failure!.detail });
    await eventually(() =>
      probe
        .of<{ connectorId: string }>('connector-config.connector-paused.v1')
        .some(({ data }) => data.connectorId === id),
    );

    const again = await eventually(async () => {
      const request = { connectorId: id, scope: 'accounts' };
      const answer = await user.accounts.post('/v1/sync-runs', request, { 'idempotency-key': randomUUID() });
      return answer.status === 202 ? undefined : answer;
    });
    expect(again.status).toBe(409);
    expect(again.body.detail).toContain('paused');
  },
);
