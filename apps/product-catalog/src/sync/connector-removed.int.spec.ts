import { requestsTo } from '@isthmus/testing';
import { randomUUID } from 'node:crypto';
import {
  ConnectorCreatedV1,
  ConnectorRemovedV1,
  contractOf,
  nameOf,
  CountCatalogRecords,
  type ContractClass,
} from '@isthmus/contracts';
import { JetStreamServer, Message } from '@isthmus/messaging';
import { type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';
import { ProductCatalogEnv } from '../config.ts';
import { dueSyncs } from './catalog-sync.phase.ts';

let catalog: RunningCatalog;
beforeAll(async () => {
  catalog = await runProductCatalog();
});
afterAll(() => catalog.stop());

const settings = (version: number) => ({
  connectorId: catalog.connectorId,
  name: 'Ingram us',
  apiUrl: 'https://api.example.test',
  marketplace: 'us',
  country: 'US',
  currency: 'USD',
  accountId: '1000',
  status: 'active' as const,
  schedule: { tickMinutes: 5, sweepMinutes: 60, accountsMinutes: 0 },
  callLimit: { perMinute: 60, perDay: null },
  version,
});
/** Hands the service an event of connector-config, as JetStream would. */
const hear = <T extends object>(contract: ContractClass<T>, data: T, aggregateVersion: number) => {
  const type = nameOf(contractOf(contract));
  const envelope = {
    id: randomUUID(),
    subject: catalog.connectorId,
    tenantId: catalog.tenantId,
    correlationId: randomUUID(),
    aggregateVersion,
    time: new Date().toISOString(),
  };
  return catalog.service.get(JetStreamServer).handlerFor(type)(data as never, new Message(type, envelope));
};
const remove = (version: number) =>
  hear(ConnectorRemovedV1, { connectorId: catalog.connectorId, name: 'Ingram us', by: 'ann' }, version);
const due = async () =>
  (await dueSyncs(catalog.pool, Object.assign(new ProductCatalogEnv(), { CATALOG_SYNC_MINUTES: 1440 }))).map(
    ({ connectorId }) => connectorId,
  );
const count = () =>
  requestsTo(catalog.service).request(CountCatalogRecords, {
    tenantId: catalog.tenantId,
    connectorId: catalog.connectorId,
  });
const products = () =>
  catalog.one(
    `select count(*)::int as all, count(*) filter (where gone_at is null)::int as offered,
       (select count(*)::int from price_list_entries where effective_to is null) as prices,
       array_agg(distinct gone_reason) as reasons, md5(string_agg(id::text, ',' order by id)) as ids
     from products where connector_id = $1`,
    [catalog.connectorId],
  );
const queue = async () => (await catalog.call('GET', '/v1/part-numbers')).body.data;

it('withdraws all products of a removed connector with that reason, and offers the same ones when it is back', async () => {
  await hear(ConnectorCreatedV1, settings(2), 2);
  await catalog.sync();
  const [mapped, other] = (
    await catalog.call('GET', `/v1/products?connectorId=${catalog.connectorId}&mpn=CFQ7TTC0LH16:0001`)
  ).body.data;
  const path = `/v1/part-numbers/INGRAM:MICROSOFT:OURS/mapping?connectorId=${catalog.connectorId}`;
  const put = await catalog.call('PUT', path, { body: { productId: mapped.id, reason: 'ours' } });
  expect(put.status).toBe(200);
  const before = await products();
  expect(before.offered).toBeGreaterThan(60);
  expect(await count()).toEqual({ products: before.offered, mappings: 1, openRuns: 0 });
  expect(await queue()).toMatchObject([{ state: 'mapped', productId: mapped.id }]);
  expect(await due()).toEqual([]);
  await catalog.published();

  await remove(3);
  expect(await products()).toEqual({ ...before, offered: 0, prices: 0, reasons: ['connector-removed'] });
  const published = await catalog.published();
  expect(published).toHaveLength(before.all);
  expect(new Set(published.map(({ subject, data }) => `${subject} ${data.reason}`))).toEqual(
    new Set(['product-withdrawn connector-removed']),
  );
  expect((await catalog.call('GET', `/v1/products/${other.id}`)).body).toMatchObject({
    withdrawnAt: expect.any(String),
    withdrawalReason: 'connector-removed',
  });
  // Nobody has to decide anything about its part numbers, and the mapping waits for it.
  expect(await queue()).toEqual([]);
  expect(await count()).toEqual({ products: 0, mappings: 1, openRuns: 0 });
  const body = { connectorId: catalog.connectorId };
  const headers = { 'idempotency-key': randomUUID() };
  expect((await catalog.call('POST', '/v1/catalog-syncs', { body, headers })).status).toBe(404);

  await hear(ConnectorCreatedV1, { ...settings(4), restored: true }, 4);
  // The sync of this morning was before the removal.
  expect(await due()).toEqual([catalog.connectorId]);
  await catalog.sync();
  expect(await products()).toEqual(before);
  expect(await queue()).toMatchObject([{ state: 'mapped', productId: mapped.id }]);
});

it('syncs a connector that was not heard of yet, as its owner knows it', async () => {
  const connectorId = randomUUID();
  const headers = () => ({ 'idempotency-key': randomUUID() });
  const start = () =>
    catalog.call('POST', '/v1/catalog-syncs', { body: { connectorId }, headers: headers() });
  expect((await start()).status).toBe(404);
  catalog.neighbour.connectors.set(connectorId, { ...settings(1), connectorId });
  expect((await start()).status).toBe(202);
  // Its worker may have worked on it already.
  const { data } = (await catalog.call('GET', `/v1/catalog-syncs?connectorId=${connectorId}`)).body;
  expect(data).toMatchObject([{ connectorId }]);
});
