import { requestsTo } from '@isthmus/testing';
import { randomUUID } from 'node:crypto';
import {
  ListPrices,
  priceListTypes,
  type ListPricesResponse,
  type PriceListItemV1,
} from '@isthmus/contracts';
import { type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let connectorId: string;
beforeAll(async () => {
  catalog = await runProductCatalog({ world: { customers: 3, subscriptions: 3, products: 700 } });
  connectorId = await catalog.connector({ country: 'US' });
  await catalog.sync(connectorId);
});
afterAll(() => catalog.stop());

const listPrices = (more: Partial<ListPrices>): Promise<ListPricesResponse> => {
  const { tenantId } = catalog;
  const question = {
    tenantId,
    connectorId,
    market: 'us',
    type: 'licensebased',
    timeline: 'current',
    ...more,
  } as const;
  return requestsTo(catalog.service).request(ListPrices, question);
};
const all = async (more: Partial<ListPrices>): Promise<PriceListItemV1[]> => {
  const found: PriceListItemV1[] = [];
  for (let cursor: string | undefined, first = true; first || cursor; first = false) {
    const page = await listPrices({ ...more, cursor });
    found.push(...page.prices);
    cursor = page.nextCursor;
  }
  return found;
};

it('has every present price of every product on one list', async () => {
  const found = await Promise.all(priceListTypes.map((type) => all({ type })));
  const ids = found.flat().map(({ priceId }) => priceId);
  const { n } = await catalog.one(
    `select count(*)::int as n from price_list_entries e join products p on p.id = e.product_id
     where p.connector_id = $1 and e.effective_to is null and p.gone_at is null`,
    [connectorId],
  );
  expect(new Set(ids).size).toBe(n);
  expect(ids).toHaveLength(n);
  const [legacy, licensebased, , , marketplace] = found;
  expect(legacy!.length).toBeGreaterThan(0);
  expect(legacy!.every(({ mpn }) => /^[0-9a-f]{8}-/.test(mpn))).toBe(true);
  expect(
    licensebased!.every(({ vendor, mpn }) => /^MICROSOFT$/i.test(vendor) && /^(CFQ7|DZH318Z0)/.test(mpn)),
  ).toBe(true);
  expect(marketplace!.every(({ vendor }) => !/microsoft/i.test(vendor))).toBe(true);
});

it('tells tiers, periods, part number and both prices', async () => {
  const product = await catalog.one(
    `select p.id, p.mpn from products p where p.connector_id = $1 and p.mpn_key like 'cfq7%' limit 1`,
    [connectorId],
  );
  await catalog.pool.query(
    `insert into price_list_entries (tenant_id, product_id, currency, type, model, lower_limit, amount, cost, effective_from)
     select tenant_id, product_id, currency, type, 'TIERED', 50, 9.90, 8.10, effective_from
     from price_list_entries where product_id = $1 and type = 'recurring'`,
    [product.id],
  );
  const tiers = (await all({})).filter(
    (one) => one.productId === product.id && one.priceType === 'recurring',
  );
  const common = {
    market: 'US',
    currency: 'USD',
    partNumber: `INGRAM:MICROSOFT:${product.mpn}`,
    type: 'licensebased',
  };
  expect(tiers.toSorted((a, b) => a.tierMin - b.tierMin)).toMatchObject([
    { ...common, tierMax: 49, term: expect.stringMatching(/^P/), billingPeriod: expect.stringMatching(/^P/) },
    { ...common, tierMin: 50, amount: '9.90', cost: '8.10', effectiveFrom: expect.any(String) },
  ]);
  expect(tiers.find(({ tierMin }) => tierMin === 50)!.tierMax).toBeUndefined();
});

it('names each term by its alias, and one without by the part number of all its terms', async () => {
  const mpn = 'CFQ7TTC0MM8R:0002';
  const sold = async () =>
    (await all({}))
      .filter((one) => one.mpn === mpn)
      .map(({ partNumber, term, billingPeriod }) => [partNumber, term, billingPeriod].join(' '))
      .toSorted();
  const plain = `INGRAM:MICROSOFT:${mpn}`;
  const ways = ['P1M P1M', 'P1Y P1M', 'P1Y P1Y', 'P3Y P1M', 'P3Y P3Y'];
  expect(await sold()).toEqual(ways.map((periods) => `${plain} ${periods}`));
  const { rows } = await catalog.pool.query(
    `select id from products where connector_id = $1 and mpn = $2 and term <> 'P1M'`,
    [connectorId, mpn],
  );
  const created = await catalog.call('POST', '/v1/part-numbers/aliases', {
    body: { connectorId, productIds: rows.map(({ id }) => id) },
    headers: { 'idempotency-key': randomUUID() },
  });
  expect(created.body.counts).toMatchObject({ create: 4 });
  const [monthly, ...others] = ways;
  const named = others.map((periods) => `${plain}:${periods.replace(' ', ':')} ${periods}`);
  expect(await sold()).toEqual([`${plain} ${monthly}`, ...named].toSorted());
});

it('keeps what held before apart from what holds', async () => {
  const [one] = (await listPrices({})).prices;
  await catalog.pool.query(`update price_list_entries set effective_to = now() where id = $1`, [
    one!.priceId,
  ]);
  expect((await all({})).map(({ priceId }) => priceId)).not.toContain(one!.priceId);
  expect(await all({ timeline: 'history' })).toMatchObject([
    { priceId: one!.priceId, effectiveTo: expect.any(String) },
  ]);
  expect(await all({ timeline: 'future' })).toEqual([]);
});

it('takes UK for the market of a British connector', async () => {
  await catalog.pool.query(`update connectors set country = 'GB' where connector_id = $1`, [connectorId]);
  for (const market of ['UK', 'uk', 'GB']) expect((await listPrices({ market })).prices).not.toEqual([]);
  await catalog.pool.query(`update connectors set country = 'US' where connector_id = $1`, [connectorId]);
});

it('has nothing for another market, tenant or connector', async () => {
  for (const other of [{ market: 'gb' }, { tenantId: randomUUID() }, { connectorId: randomUUID() }])
    expect(await listPrices(other)).toEqual({ prices: [] });
});

it('fits into an answer however long the names are', async () => {
  const before = await Promise.all(priceListTypes.map((type) => all({ type })));
  await catalog.pool.query(
    `update products set name = $2, service_name = $3, vendor = $3, vendor_key = $3, mpn = $3, mpn_key = $3 where connector_id = $1`,
    [connectorId, '名'.repeat(500), '前'.repeat(255)],
  );
  const after = await all({ type: 'marketplace' });
  expect(after.length).toBeGreaterThan(150);
  expect(after.map(({ priceId }) => priceId).toSorted()).toEqual(
    before
      .flat()
      .map(({ priceId }) => priceId)
      .toSorted(),
  );
});
