import { randomUUID } from 'node:crypto';
import { eventProbe, type EventProbe, eventually } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let probe: EventProbe;
beforeAll(async () => {
  platform = await startPlatform({ workers: 2 });
  probe = await eventProbe(platform.nats.url);
});
afterAll(async () => {
  await probe?.close();
  await platform?.stop();
});

it('syncs two connectors of one tenant and a second tenant at once, and nothing crosses', async () => {
  const [one, two] = [randomUUID(), randomUUID()];
  const [first, second] = [await platform.as({ tenant: one }), await platform.as({ tenant: two })];
  const us = await createConnector(first, connectorFields(platform, 'us'));
  const uk = await createConnector(first, connectorFields(platform, 'uk'));
  const other = await createConnector(second, connectorFields(platform, 'us'));

  const sides = [
    { tenant: one, user: first, connectorId: us.id },
    { tenant: one, user: first, connectorId: uk.id },
    { tenant: two, user: second, connectorId: other.id },
  ];
  const runs = await Promise.all(
    sides.map(({ user, connectorId }) => sync(user.accounts, { connectorId, scope: 'accounts' })),
  );
  for (const run of runs) expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 120 } });

  const { rows } = await platform.pool.query<{ tenant_id: string; connector_id: string; n: number }>(
    'select tenant_id, connector_id, count(*)::int as n from provider_accounts group by 1, 2',
  );
  const byConnector = (a: { connector_id: string }, b: { connector_id: string }) =>
    a.connector_id.localeCompare(b.connector_id);
  expect(rows.sort(byConnector)).toEqual(
    sides
      .map(({ tenant, connectorId }) => ({ tenant_id: tenant, connector_id: connectorId, n: 120 }))
      .sort(byConnector),
  );
  await eventually(() => probe.of('account-sync.provider-account-appeared.v1').length === 360);
  for (const { tenantId, data } of probe.of<{ connectorId: string }>(
    'account-sync.provider-account-appeared.v1',
  )) {
    expect(sides.find(({ connectorId }) => connectorId === data.connectorId)!.tenant).toBe(tenantId);
  }
});

it('answers 404 for what belongs to another tenant, and lists none of it', async () => {
  const tenant = randomUUID();
  const stranger = await platform.as({ tenant });
  const { rows } = await platform.pool.query<{ id: string; connector_id: string }>(
    'select a.id, a.connector_id from provider_accounts a limit 1',
  );
  const { id, connector_id: connectorId } = rows[0]!;
  const { rows: runs } = await platform.pool.query<{ id: string }>('select id from sync_runs limit 1');
  const attempts = await Promise.all([
    stranger.connectors.get(`/v1/connectors/${connectorId}`),
    stranger.connectors.post(`/v1/connectors/${connectorId}/verify`),
    stranger.accounts.get(`/v1/provider-accounts/${id}`),
    stranger.accounts.get(`/v1/sync-runs/${runs[0]!.id}`),
    stranger.accounts.post(`/v1/sync-runs/${runs[0]!.id}/cancel`),
    stranger.accounts.send('PUT', `/v1/provider-accounts/${id}/link`, { tenantAccountId: 'X' }),
  ]);
  expect(attempts.map(({ status }) => status)).toEqual(attempts.map(() => 404));
  for (const list of ['provider-accounts', 'sync-runs', 'provider-subscriptions', 'billing-contracts']) {
    expect((await stranger.accounts.get(`/v1/${list}`)).body).toMatchObject({ data: [] });
  }
  expect((await stranger.connectors.get('/v1/connectors')).body).toMatchObject({ data: [] });
});
