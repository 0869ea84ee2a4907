import { type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
beforeAll(async () => {
  catalog = await runProductCatalog();
});
afterAll(() => catalog.stop());

const writes = `select (select sum(version) from products)::int as products,
  (select count(*) from price_list_entries)::int as prices,
  (select count(*) from outbox where type not like '%catalog-sync-%')::int as events`;

it('mirrors every product of CMP, with its prices, and says that each appeared', async () => {
  const run = await catalog.sync();
  expect(run).toMatchObject({ status: 'succeeded', complete: true, failure: null, scope: 'products' });
  const { products, prices, events } = await catalog.one(writes);
  expect(products).toBe(run.counts.read);
  expect(products).toBeGreaterThan(60);
  expect(prices).toBe(products);
  expect(events).toBe(products);
  const published = await catalog.published();
  expect(new Set(published.map(({ subject }) => subject))).toEqual(new Set(['product-appeared']));
  expect(published.find(({ data }) => data.cmpProductId === 'PRD326500')?.data).toMatchObject({
    connectorId: catalog.connectorId,
  });
});

it('writes nothing and says nothing when nothing has changed', async () => {
  const before = await catalog.one(writes);
  const run = await catalog.sync();
  expect(run.counts).toMatchObject({ appeared: 0, changed: 0, ended: 0, unchanged: run.counts.read });
  expect(await catalog.one(writes)).toEqual(before);
});

it('tells a changed price from, to and since, and keeps the price list of before', async () => {
  const { id, cmp_id } = await catalog.one(
    `select id, cmp_id from products where mpn = 'CFQ7TTC0LH16:0001' and term = 'P1M'`,
  );
  await catalog.published();
  await catalog.simulator.control.patchProduct(cmp_id, { priceCents: 999, costCents: 850 });
  const run = await catalog.sync();

  expect(run.counts).toMatchObject({ changed: 1, appeared: 0, ended: 0 });
  const published = await catalog.published();
  expect(published).toMatchObject([
    { subject: 'product-changed', data: { changed: ['prices', 'costs'], cmpProductId: cmp_id } },
    {
      subject: 'price-changed',
      aggregate: id,
      data: {
        productId: id,
        changes: [
          {
            currency: 'USD',
            type: 'recurring',
            lowerLimit: 0,
            from: { amount: '7.20', cost: '6.12' },
            to: { amount: '9.99', cost: '8.50' },
          },
        ],
      },
    },
  ]);
  const { body } = await catalog.call('GET', `/v1/products/${id}/prices`);
  expect(body.data).toMatchObject([
    { amount: '9.99', cost: '8.50', effectiveFrom: published[1]!.data.since, effectiveTo: null },
    { amount: '7.20', cost: '6.12', effectiveTo: published[1]!.data.since },
  ]);
  const before = new Date(Date.parse(published[1]!.data.since) - 1).toISOString();
  const then = await catalog.call('GET', `/v1/products/${id}/prices?at=${before}`);
  expect(then.body.data).toMatchObject([{ amount: '7.20' }]);
});

it('does not take another spelling of an amount for another price', async () => {
  const { id } = await catalog.one(`select id from products where mpn = 'ACR-CP-STD'`);
  await catalog.pool.query(
    `update products set hash = gen_random_uuid(), prices = replace(prices::text, '4.50', '4.5')::json where id = $1`,
    [id],
  );
  await catalog.published();
  const run = await catalog.sync();
  expect(run.counts).toMatchObject({ changed: 1 });
  expect((await catalog.published()).map(({ subject }) => subject)).toEqual(['product-changed']);
});

it('withdraws what a complete listing no longer has, closes its price and keeps the row', async () => {
  const { id, cmp_id } = await catalog.one(`select id, cmp_id from products where mpn = 'PP-ESS-BUS'`);
  await catalog.published();
  await catalog.simulator.control.withdrawProduct(cmp_id);
  const run = await catalog.sync();

  expect(run.counts).toMatchObject({ ended: 1 });
  expect(await catalog.published()).toMatchObject([
    {
      subject: 'product-withdrawn',
      data: { productId: id, mpn: 'PP-ESS-BUS', partNumber: 'INGRAM:PROOFPOINT:PP-ESS-BUS' },
    },
  ]);
  const { body } = await catalog.call('GET', `/v1/products/${id}`);
  expect(body).toMatchObject({ mpn: 'PP-ESS-BUS', withdrawnAt: expect.any(String) });
  expect((await catalog.call('GET', `/v1/products/${id}/prices`)).body.data).toMatchObject([
    { effectiveTo: expect.any(String) },
  ]);
  const listed = await catalog.call('GET', `/v1/products?connectorId=${catalog.connectorId}&mpn=pp-ess-bus`);
  expect(listed.body.data).toEqual([]);
});

it('withdraws nothing on the word of half a listing, but asks', async () => {
  await catalog.published();
  await catalog.simulator.control.fault({
    kind: 'half-listing',
    match: { path: '/products' },
    times: 20,
  } as never);
  const run = await catalog.sync();
  await catalog.simulator.control.clearFaults();
  expect(run.status).toBe('awaiting-approval');
  expect(await catalog.published()).toEqual([]);
  const { n } = await catalog.one('select count(*)::int as n from products where gone_at is not null');
  expect(n).toBe(1);
  expect((await catalog.call('POST', `/v1/catalog-syncs/${run.id}/cancel`)).body.status).toBe('cancelled');
});

it('plans with prices, and applies the plan as shown with its events', async () => {
  const { id, cmp_id, name } = await catalog.one(
    `select id, cmp_id, name from products where mpn = 'ACR-CP-STD'`,
  );
  await catalog.simulator.control.patchProduct(cmp_id, { priceCents: 777, costCents: 555 });
  await catalog.published();
  const plan = await catalog.sync(catalog.connectorId, { apply: false });
  expect(plan).toMatchObject({ status: 'succeeded', counts: { changed: 1 } });
  const { body } = await catalog.call('GET', `/v1/catalog-syncs/${plan.id}/records`);
  expect(body.data).toMatchObject([
    { cmpId: cmp_id, values: { prices: { from: expect.any(Array), to: expect.any(Array) } } },
  ]);
  expect(await catalog.published()).toEqual([]);
  await catalog.simulator.control.patchProduct(cmp_id, { priceCents: 999 });

  const applied = await catalog.call('POST', `/v1/catalog-syncs/${plan.id}/apply`);
  expect(applied).toMatchObject({ status: 202, body: { planId: plan.id } });
  expect(await catalog.ended(applied.body.id)).toMatchObject({ status: 'succeeded', counts: { changed: 1 } });
  expect(await catalog.published()).toMatchObject([
    { subject: 'product-changed', data: { name, changed: ['prices', 'costs'] } },
    { subject: 'price-changed', aggregate: id, data: { changes: [{ to: { amount: '7.77' } }] } },
  ]);
  await catalog.sync();
  expect((await catalog.published()).map(({ subject }) => subject)).toEqual([
    'product-changed',
    'price-changed',
  ]);
});

it('keeps the catalogues of two connectors apart', async () => {
  const uk = await catalog.connector({}, 'uk');
  await catalog.sync(uk);
  const of = (id: string) =>
    catalog.call('GET', `/v1/products?connectorId=${id}&mpn=ACR-CP-STD`).then(({ body }) => body.data);
  const [[us], [gb]] = [await of(catalog.connectorId), await of(uk)];
  expect([us.prices[0].currency, gb.prices[0].currency]).toEqual(['USD', 'GBP']);
  expect(us.id).not.toBe(gb.id);
});

describe('a product in an unusual form', () => {
  afterEach(() => catalog.simulator.control.mendRecords());
  const productOf = (cmpId: string) =>
    catalog.one('select * from products where connector_id = $1 and cmp_id = $2', [
      catalog.connectorId,
      cmpId,
    ]);

  it.each([
    ['amount-exponent', 'stored'],
    ['quantity-exponent', 'stored'],
    ['currency-old', 'stored'],
    ['period-zero', 'stored'],
    ['period-fraction', 'stored'],
    ['nul-in-name', 'stored'],
    ['half-an-emoji', 'stored'],
    ['name-too-long', 'stored'],
    ['amount-comma', 'set aside'],
    ['amount-not-a-number', 'set aside'],
    ['name-a-number', 'set aside'],
  ] as const)('with %s is %s, and the others are in step', async (how, result) => {
    const { rows } = await catalog.pool.query<{ cmp_id: string }>(
      `select cmp_id from products where connector_id = $1 and gone_at is null and mpn like 'CFQ7TTC0%' order by cmp_id limit 2`,
      [catalog.connectorId],
    );
    const [odd, other] = rows.map(({ cmp_id }) => cmp_id) as [string, string];
    const before = await productOf(odd);
    const cents = (await catalog.one('select 1000 + count(*)::int as n from price_list_entries')).n;
    await catalog.simulator.control.patchProduct(odd, { priceCents: cents, costCents: cents });
    await catalog.simulator.control.patchProduct(other, { priceCents: cents, costCents: cents });
    await catalog.simulator.control.breakRecord({ resource: 'products', id: odd, how });
    const run = await catalog.sync();
    expect(run).toMatchObject({
      status: 'succeeded',
      counts: { setAside: result === 'stored' ? 0 : 1, ended: 0, appeared: 0 },
    });
    const price = (product: { prices: { amount: string; currency: string }[] }) => product.prices[0]!;
    const amount = `${(cents / 100).toFixed(2)}`;
    expect(Number(price(await productOf(other)).amount)).toBe(Number(amount));
    const now = await productOf(odd);
    if (result === 'stored') expect(Number(price(now).amount)).toBe(Number(amount));
    else expect(now).toEqual(before);
    expect(now.gone_at).toBeNull();
    if (how.startsWith('period')) expect(now).toMatchObject({ billing_period: null, term: null });
    expect((await catalog.call('GET', `/v1/products/${now.id}`)).status).toBe(200);
    await catalog.simulator.control.mendRecords();
    await catalog.sync();
    expect(Number(price(await productOf(odd)).amount)).toBe(Number(amount));
  });
});
