import { eventProbe, type EventProbe, eventually } from '@isthmus/testing';
import { connectorFields, createConnector, runEnded, startRun, sync } from '../platform/acts.ts';
import type { HttpClient } from '../platform/http-client.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let probe: EventProbe;
let connectors: HttpClient;
let accounts: HttpClient;
let agreed: HttpClient;
let connectorId: string;

beforeAll(async () => {
  platform = await startPlatform({ lifecycle: true });
  probe = await eventProbe(platform.nats.url);
  ({ connectors, accounts, subscriptions: agreed } = await platform.as());
});
afterAll(async () => {
  await probe?.close();
  await platform?.stop();
});

it('creates a connector and verifies it step by step', async () => {
  connectorId = (await createConnector({ connectors }, connectorFields(platform))).id;
  const { status, body } = await connectors.post(`/v1/connectors/${connectorId}/verify`);
  expect(status).toBe(200);
  expect(body).toMatchObject({ ok: true });
  expect(body.steps.length).toBeGreaterThan(4);
});

it('syncs the provider accounts in the background with live progress', async () => {
  const { id } = await startRun(accounts, { connectorId, scope: 'accounts' });
  const progress = await fetch(`${accounts.baseUrl}/v1/sync-runs/${id}/progress`, {
    headers: { authorization: `Bearer ${accounts.token}` },
  });
  expect(progress.headers.get('content-type')).toContain('text/event-stream');
  const text = await progress.text();
  expect(text).toContain('"status":"succeeded"');
  const run = await runEnded(accounts, id);
  expect(run).toMatchObject({ status: 'succeeded', complete: true, counts: { appeared: 120 } });
  await eventually(() => probe.of('account-sync.provider-account-appeared.v1').length === 120);
});

it('links an account, makes its billing contract and syncs its subscriptions, saying each change', async () => {
  const { body: page } = await accounts.get('/v1/provider-accounts?linked=false&limit=200');
  let account: { id: string; version: number } | undefined;
  for (const candidate of page.data) {
    const run = await sync(accounts, {
      connectorId,
      scope: 'subscriptions',
      providerAccountId: candidate.id,
    });
    expect(run.status).toBe('succeeded');
    if (run.counts.appeared! > 0) {
      account = candidate;
      break;
    }
  }
  const id = account!.id;
  await accounts.send('PUT', '/v1/tenant-accounts/CRM-1', { name: 'A customer', domains: [], emails: [] });
  const link = await accounts.send('PUT', `/v1/provider-accounts/${id}/link`, { tenantAccountId: 'CRM-1' });
  expect(link.status).toBe(200);
  const contract = await accounts.post('/v1/billing-contracts', {
    tenantAccountId: 'CRM-1',
    name: 'Standard',
    currency: 'USD',
    startDate: '2026-01-01',
  });
  expect(contract).toMatchObject({ status: 201, body: { isDefault: true } });
  const run = await sync(accounts, {
    connectorId,
    scope: 'subscriptions',
    billingContractId: contract.body.id,
  });
  expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 0, changed: 0 } });

  const { body: subscriptions } = await accounts.get(`/v1/provider-accounts/${id}/subscriptions`);
  const live = subscriptions.data.filter(({ status }: { status: string }) => status === 'active');
  for (const subscription of live) expect(subscription.quantity).toEqual(expect.any(Number));
  // Synced first, linked afterwards, the contract last: those that have not ended are on it, and no others.
  const over = ['terminated', 'removed'];
  const going = subscriptions.data.filter(({ status }: { status: string }) => !over.includes(status));
  const on = async (query: string): Promise<unknown[]> =>
    (await agreed.get(`/v1/subscriptions?limit=200&${query}`)).body.data;
  const ofContract = `billingContractId=${contract.body.id}`;
  await eventually(async () => (await on(ofContract)).length === going.length);
  expect(going.length).toBeGreaterThan(0);
  expect(await on(`${ofContract}&ended=only`)).toEqual([]);
  expect(await on(`providerAccountId=${id}&assigned=false`)).toEqual([]);
  await eventually(() => probe.of('account-sync.provider-account-linked.v1').length === 1);
  await eventually(() => probe.of('account-sync.billing-contract-created.v1').length === 1);
  expect(probe.of('account-sync.provider-subscription-appeared.v1').length).toBeGreaterThan(0);
});

it('tells nobody a secret: not in logs, not in events', async () => {
  const { password, subscriptionKey } = connectorFields(platform);
  const logs = [platform.connectorConfig, platform.accountSync, ...platform.workers]
    .map(({ log }) => log)
    .join('\n');
  for (const secret of [password, subscriptionKey]) {
    expect(logs).not.toContain(secret);
    expect(JSON.stringify(probe.events)).not.toContain(secret);
  }
});
