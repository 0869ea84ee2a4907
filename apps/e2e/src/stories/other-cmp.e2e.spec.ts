import { createConnector, sync } from '../platform/acts.ts';
import { otherCmpAccount, startOtherCmp } from '../platform/other-cmp.ts';
import { startPlatform, type Platform } from '../platform/start-platform.ts';

let platform: Platform;
let cmp: Awaited<ReturnType<typeof startOtherCmp>>;
beforeAll(async () => {
  platform = await startPlatform();
  cmp = await startOtherCmp();
});
afterAll(async () => {
  await cmp?.close();
  await platform?.stop();
});

it('verifies and syncs a CMP that is not our simulator just the same', async () => {
  const user = await platform.as();
  const { id: connectorId } = await createConnector(user, {
    ...otherCmpAccount,
    name: 'Another CMP',
    apiUrl: cmp.apiUrl,
    country: 'DE',
    currency: 'EUR',
    schedule: { tickMinutes: 0, sweepMinutes: 0, accountsMinutes: 0 },
    callLimit: { perMinute: null, perDay: null },
  });
  const { body: verification } = await user.connectors.post(`/v1/connectors/${connectorId}/verify`);
  expect(verification).toMatchObject({ ok: true });

  const accounts = await sync(user.accounts, { connectorId, scope: 'accounts' });
  expect(accounts).toMatchObject({ status: 'succeeded', complete: true, counts: { appeared: 3 } });
  const first = await sync(user.accounts, { connectorId, scope: 'subscriptions' });
  expect(first).toMatchObject({ status: 'succeeded', complete: true, counts: { setAside: 0, failed: 0 } });
  const { body } = await user.accounts.get('/v1/provider-subscriptions');
  expect(body.data.map(({ quantity }: { quantity: number }) => quantity).sort()).toEqual([3, 4, 5]);

  cmp.seats.set('901', 12);
  const { body: listed } = await user.accounts.get('/v1/provider-accounts?q=Kunde 1');
  const providerAccountId = listed.data[0].id;
  const again = await sync(user.accounts, { connectorId, scope: 'subscriptions', providerAccountId });
  expect(again).toMatchObject({ status: 'succeeded', counts: { changed: 1 } });
});
