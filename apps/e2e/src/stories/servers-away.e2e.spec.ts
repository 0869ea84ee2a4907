import { randomUUID } from 'node:crypto';
import { eventProbe, eventually, startNats } from '@isthmus/testing';
import { connectorFields, createConnector, runEnded, sync } from '../platform/acts.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
beforeAll(async () => {
  platform = await startPlatform();
});
afterAll(() => platform?.stop());

it('accepts commands while NATS is away and does them when it is back', async () => {
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, connectorFields(platform));
  await sync(user.accounts, { connectorId, scope: 'accounts' });
  const { port } = platform.nats;
  await platform.nats.stop('SIGKILL');

  const accepted = await user.accounts.post(
    '/v1/sync-runs',
    { connectorId, scope: 'accounts' },
    { 'idempotency-key': randomUUID() },
  );
  expect(accepted.status).toBe(202);
  expect((await fetch(`${platform.accountSync.url}/healthz/ready`)).status).toBe(200);

  // A new server on the same port: the streams of the old one are gone with it.
  const again = await startNats({ port });
  try {
    const run = await runEnded(user.accounts, accepted.body.id);
    expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 0, changed: 0 } });
    const probe = await eventProbe(again.url);
    const { body } = await user.accounts.get('/v1/provider-accounts?limit=1');
    const changed = await user.accounts.send(
      'PATCH',
      `/v1/provider-accounts/${body.data[0].id}`,
      { customDomain: 'edited.onmicrosoft.com' },
      { 'if-match': `"${body.data[0].version}"` },
    );
    expect(changed.status).toBe(200);
    await eventually(() => probe.of('account-sync.provider-account-changed.v1').length === 1);
    await probe?.close();
    for (const service of [platform.connectorConfig, platform.accountSync, ...platform.workers]) {
      expect((await fetch(`${service.url}/healthz/live`)).status).toBe(200);
    }
  } finally {
    await again.stop();
  }
});
