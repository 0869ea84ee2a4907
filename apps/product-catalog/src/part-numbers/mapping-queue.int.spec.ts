import { randomUUID } from 'node:crypto';
import {
  ProviderSubscriptionAppearedV1,
  ProviderSubscriptionChangedV1,
  ProviderSubscriptionEndedV1,
} from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import { at, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
beforeAll(async () => {
  catalog = await runProductCatalog();
  await catalog.sync();
});
afterAll(() => catalog.stop());

interface Facts {
  mpn: string;
  vendor?: string;
  name?: string;
  productId?: string;
  billing?: 'month' | 'year';
  term?: 'month' | 'year';
  quantityKnown?: boolean;
}

const subscription = (
  id: string,
  { mpn, vendor = 'MICROSOFT', name = '', productId = '', ...facts }: Facts,
) => ({
  connectorId: catalog.connectorId,
  providerSubscriptionId: id,
  cmpSubscriptionId: id.slice(0, 8),
  cmpAccountId: '1000',
  name,
  status: 'active',
  autoRenew: true,
  billingPeriod: { type: facts.billing ?? 'month', duration: 1 },
  term: { type: facts.term ?? 'year', duration: 1 },
  quantityKnown: facts.quantityKnown ?? true,
  lines: facts.quantityKnown === false ? [] : [{ mpn, vendor, productId, name, quantity: 5 }],
  asOf: '2026-01-31T10:15:00.000Z',
});
const about = (id: string, version = 1) => ({ tenantId: catalog.tenantId, id, version });
const appear = async (facts: Facts, id = randomUUID() as string, version = 1) => {
  await catalog.neighbour.publish(
    ProviderSubscriptionAppearedV1,
    subscription(id, facts),
    about(id, version),
  );
  return id;
};
const seen = (id: string, version = 1) =>
  eventually(async () =>
    Boolean(
      await catalog.one(
        'select 1 from seen_subscriptions where provider_subscription_id = $1 and version >= $2',
        [id, version],
      ),
    ),
  );
const place = (more: Record<string, string> = {}) =>
  `?${new URLSearchParams({ connectorId: catalog.connectorId, ...more })}`;
const queue = async (more = {}) => (await catalog.call('GET', `/v1/part-numbers${place(more)}`)).body.data;
const entryOf = async (mpn: string) => (await queue({ q: mpn }))[0];
const counts = async () => {
  const { body } = await catalog.call('GET', `/v1/part-numbers/counts${place()}`);
  return Object.fromEntries(
    body.data.map((one: { state: string; partNumbers: number; subscriptions: number }) => [
      one.state,
      one.partNumbers,
    ]),
  );
};

it('is fed by synced subscriptions, each judged, with counts by state', async () => {
  const ids = [
    await appear({ mpn: 'CFQ7TTC0LH16:0001', name: 'Microsoft 365 Business Basic' }),
    await appear({ mpn: 'CFQ7TTC0LH16:0001' }),
    await appear({ mpn: 'NEVER-HEARD-OF', name: 'Something' }),
    await appear({ mpn: 'BACKUP-STD', vendor: 'VEEAM', term: 'month' }),
  ];
  await Promise.all(ids.map((id) => seen(id)));

  expect(await counts()).toEqual({ unmapped: 1, ambiguous: 0, mapped: 2, excluded: 0 });
  expect(await queue({ state: 'unmapped' })).toMatchObject([
    {
      partNumber: 'INGRAM:MICROSOFT:NEVER-HEARD-OF',
      subscriptions: 1,
      seenName: 'Something',
      billingPeriod: 'P1M',
      term: 'P1Y',
      reason: expect.stringContaining('Sync the catalogue'),
    },
  ]);
  expect(await entryOf('CFQ7TTC0LH16:0001')).toMatchObject({
    state: 'mapped',
    decidedBy: 'rule',
    subscriptions: 2,
  });
});

it('counts a subscription once however often it is told, and ignores older news', async () => {
  const id = await appear({ mpn: 'REPEATED' }, undefined, 5);
  await seen(id, 5);
  await appear({ mpn: 'REPEATED' }, id, 5);
  await appear({ mpn: 'OLDER' }, id, 4);
  const last = await appear({ mpn: 'MARKER' });
  await seen(last);
  await catalog.neighbour.publish(
    ProviderSubscriptionChangedV1,
    { ...subscription(id, { mpn: '', quantityKnown: false }), changed: ['status'] },
    about(id, 6),
  );
  await seen(id, 6);
  expect(await entryOf('REPEATED')).toMatchObject({ subscriptions: 1 });
  expect(await entryOf('OLDER')).toBeUndefined();
});

it('follows a subscription to another product, and forgets one that is over', async () => {
  const id = await appear({ mpn: 'BEFORE' });
  await seen(id);
  await catalog.neighbour.publish(
    ProviderSubscriptionChangedV1,
    { ...subscription(id, { mpn: 'AFTER' }), changed: ['lines'] },
    about(id, 2),
  );
  await seen(id, 2);
  expect([(await entryOf('BEFORE')).subscriptions, (await entryOf('AFTER')).subscriptions]).toEqual([0, 1]);
  const ended = { ...subscription(id, { mpn: '' }), reason: 'terminated' as const };
  await catalog.neighbour.publish(ProviderSubscriptionEndedV1, ended, about(id, 3));
  await seen(id, 3);
  expect((await entryOf('AFTER')).subscriptions).toBe(0);
});

it('says which subscriptions use a product that CMP has withdrawn', async () => {
  const { id: productId, cmp_id } = await catalog.one(
    `select id, cmp_id from products where mpn = 'PP-ESS-BUS'`,
  );
  const id = await appear({
    mpn: 'PP-ESS-BUS',
    vendor: 'PROOFPOINT',
    term: 'month',
    productId: cmp_id,
    name: 'Email Security',
  });
  await seen(id);
  expect(await entryOf('PP-ESS-BUS')).toMatchObject({ state: 'mapped', productId });
  await catalog.simulator.control.withdrawProduct(cmp_id);
  await catalog.sync();

  expect(await entryOf('PP-ESS-BUS')).toMatchObject({
    state: 'unmapped',
    productId: null,
    subscriptions: 1,
    candidateCount: 1,
    reason: 'CMP no longer lists it. Map it to its successor.',
  });
  const users = [{ providerSubscriptionId: id, quantity: 5, cmpProductId: cmp_id }];
  const byPartNumber = await catalog.call(
    'GET',
    `${at('INGRAM:PROOFPOINT:PP-ESS-BUS')}/subscriptions${place()}`,
  );
  expect(byPartNumber.body.data).toMatchObject(users);
  expect((await catalog.call('GET', `/v1/products/${productId}/subscriptions`)).body.data).toMatchObject(
    users,
  );
});

it('suggests with evidence and effect, and a mapping settles the queue at once', async () => {
  const partNumber = 'INGRAM:MICROSOFT:CFQ7TTC0LCHC0002';
  const ids = await Promise.all(
    [1, 2].map(() => appear({ mpn: 'CFQ7TTC0LCHC0002', name: 'Microsoft 365 Business Premium' })),
  );
  await Promise.all(ids.map((id) => seen(id)));
  const periods = { billingPeriod: 'P1M', term: 'P1Y' };
  const { body } = await catalog.call('GET', `${at(partNumber)}/suggestions${place(periods)}`);

  expect(body.data[0]).toMatchObject({
    product: { mpn: 'CFQ7TTC0LCHC:0002', ...periods },
    score: 100,
    sure: true,
    tied: false,
    effect: { partNumbers: 1, subscriptions: 2, subscriptionsPlaced: 2, subscriptionsMoved: 0 },
  });
  expect(body.data[0].evidence.map(({ code }: { code: string }) => code)).toEqual([
    'same-vendor',
    'same-mpn-squeezed',
    'same-billing-period',
    'same-term',
    'same-name',
  ]);
  expect(await entryOf('CFQ7TTC0LCHC0002')).toMatchObject({ state: 'unmapped' });

  const { productId } = body.data[0].product;
  const preview = await catalog.call('POST', `${at(partNumber)}/mapping/preview${place()}`, {
    body: { productId },
  });
  expect(preview.body).toEqual(body.data[0].effect);
  await catalog.call('PUT', `${at(partNumber)}/mapping${place()}`, {
    body: { productId, source: 'suggestion' },
  });
  expect(await entryOf('CFQ7TTC0LCHC0002')).toMatchObject({
    state: 'mapped',
    decidedBy: 'mapping',
    productId,
  });
  await catalog.call('DELETE', `${at(partNumber)}/mapping${place()}`);
  expect(await entryOf('CFQ7TTC0LCHC0002')).toMatchObject({ state: 'unmapped', productId: null });
});

it('learns from what the same part number was mapped to in another connector', async () => {
  const uk = await catalog.connector({}, 'uk');
  await catalog.sync(uk);
  const partNumber = 'INGRAM:LEGACY:E3';
  const { id } = await catalog.one(
    `select id from products where connector_id = $1 and mpn = 'CFQ7TTC0LF8R:0001' and billing_period = 'P1M' and term = 'P1Y'`,
    [uk],
  );
  await catalog.call('PUT', `${at(partNumber)}/mapping?connectorId=${uk}`, { body: { productId: id } });
  const { body } = await catalog.call(
    'GET',
    `${at(partNumber)}/suggestions${place({ billingPeriod: 'P1M', term: 'P1Y' })}`,
  );
  expect(body.data[0]).toMatchObject({
    sure: true,
    product: { mpn: 'CFQ7TTC0LF8R:0001', unitPrice: { currency: 'USD' } },
  });
});
