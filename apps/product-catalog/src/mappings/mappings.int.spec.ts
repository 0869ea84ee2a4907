import { randomUUID } from 'node:crypto';
import { at, codeOf, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
const products: Record<string, string> = {};
beforeAll(async () => {
  catalog = await runProductCatalog();
  await catalog.sync();
  const { rows } = await catalog.pool.query('select id, mpn, billing_period, term from products');
  for (const { id, mpn, billing_period, term } of rows) products[`${mpn} ${billing_period}/${term}`] = id;
});
afterAll(() => catalog.stop());
beforeEach(() => catalog.published());

const nce = 'CFQ7TTC0LH16:0001';
const place = (facts: Record<string, string> = {}) =>
  `?${new URLSearchParams({ connectorId: catalog.connectorId, ...facts })}`;
const map = (partNumber: string, body: object, facts = {}, more = {}) =>
  catalog.call('PUT', `${at(partNumber)}/mapping${place(facts)}`, {
    body,
    as: { sub: 'ann', roles: ['operator'] },
    ...more,
  });
const unmap = (partNumber: string, facts = {}, more = {}) =>
  catalog.call('DELETE', `${at(partNumber)}/mapping${place(facts)}`, {
    as: { sub: 'bob', roles: ['operator'] },
    ...more,
  });
const resolution = async (partNumber: string, facts = {}) =>
  (await catalog.call('GET', `${at(partNumber)}/resolution${place(facts)}`)).body;
const history = async (partNumber: string) =>
  (await catalog.call('GET', `${at(partNumber)}/mapping/history${place()}`)).body.data;

it('a mapping wins over the rule, leaves who, when and why, and is told', async () => {
  const partNumber = 'INGRAM:MICROSOFT:OLD-BASIC';
  expect(await resolution(partNumber)).toMatchObject({ outcome: 'unknown' });

  const mapped = await map(partNumber, { productId: products[`${nce} P1M/P1Y`], reason: 'Its successor.' });

  expect(mapped).toMatchObject({
    status: 200,
    body: {
      partNumber,
      version: 1,
      mappedBy: 'ann',
      reason: 'Its successor.',
      source: 'person',
      endedAt: null,
    },
  });
  expect(mapped.headers.get('etag')).toBe('"1"');
  expect(await resolution(partNumber)).toMatchObject({
    outcome: 'resolved',
    by: 'mapping',
    product: { mpn: nce },
  });
  expect(await resolution(partNumber, { term: 'P3Y' })).toMatchObject({
    outcome: 'resolved',
    differs: ['term'],
  });
  expect(await catalog.published()).toMatchObject([
    {
      subject: 'part-number-mapped',
      version: 2,
      data: {
        partNumber,
        by: 'ann',
        excluded: false,
        productId: products[`${nce} P1M/P1Y`],
        cmpProductId: expect.stringMatching(/^PRD/),
      },
    },
  ]);
});

it('every change ends the mapping before and keeps it as history', async () => {
  const partNumber = 'INGRAM:MICROSOFT:CHANGED';
  await map(partNumber, { productId: products[`${nce} P1M/P1Y`], reason: 'first' });
  await map(partNumber, { productId: products[`${nce} P1Y/P1Y`], reason: 'second' });
  const excluded = await map(partNumber, { productId: null, reason: 'not ours' });
  expect(excluded.body).toMatchObject({ excluded: true, productId: null, version: 3 });
  expect(await resolution(partNumber)).toMatchObject({ outcome: 'excluded' });
  expect((await unmap(partNumber, { reason: 'after all' })).status).toBe(204);

  expect(await history(partNumber)).toMatchObject([
    {
      version: 3,
      excluded: true,
      mappedBy: 'ann',
      endedBy: 'bob',
      endReason: 'after all',
      endedAt: expect.any(String),
    },
    { version: 2, reason: 'second', endedBy: 'ann', endReason: 'not ours' },
    { version: 1, reason: 'first', endedBy: 'ann', endReason: 'second' },
  ]);
  const published = await catalog.published();
  expect(published.map(({ subject, version }) => [subject, version])).toEqual([
    ['part-number-mapped', 2],
    ['part-number-mapped', 4],
    ['part-number-mapped', 6],
    ['part-number-unmapped', 7],
  ]);
  expect(new Set(published.map(({ aggregate }) => aggregate)).size).toBe(1);
  const again = await map(partNumber, { productId: products[`${nce} P1M/P1Y`] });
  expect(again.body.version).toBe(4);
});

it('mapping it to what it is mapped to already changes nothing', async () => {
  const partNumber = 'INGRAM:MICROSOFT:SAME';
  const wanted = { productId: products[`${nce} P1M/P1Y`], reason: 'once' };
  const first = await map(partNumber, wanted);
  const second = await map('ingram:microsoft:same', { ...wanted, reason: 'twice' });
  expect(second.body).toEqual(first.body);
  expect(await catalog.published()).toHaveLength(1);
});

it('holds for particular periods only where it says so', async () => {
  const partNumber = `INGRAM:MICROSOFT:${nce}`;
  await map(partNumber, { productId: products[`${nce} P1M/P1M`] }, { billingPeriod: 'P1M', term: 'P1M' });
  expect(await resolution(partNumber, { billingPeriod: 'P1M', term: 'P1M' })).toMatchObject({
    by: 'mapping',
    product: { term: 'P1M' },
  });
  expect(await resolution(partNumber, { billingPeriod: 'P1M', term: 'P1Y' })).toMatchObject({
    by: 'rule',
    product: { term: 'P1Y' },
  });
  expect((await unmap(partNumber)).status).toBe(404);
  expect((await unmap(partNumber, { billingPeriod: 'P1M', term: 'P1M' })).status).toBe(204);
});

const e5 = 'CFQ7TTC0LFLZ:0002';
describe('a mapping for particular periods', () => {
  it.each([
    ['P1Y/P1Y', { billingPeriod: 'P1M' }, 'billing period P1M'],
    ['P1M/P1Y', { billingPeriod: 'P1M', term: 'P1M' }, 'term P1M'],
    ['P1M/P1M', { term: 'P3Y' }, 'term P3Y'],
    ['P3Y/P3Y', { billingPeriod: 'P1Y', term: 'P3Y' }, 'billing period P1Y'],
  ])('cannot lead to the product sold as %s when it holds for %j', async (periods, facts, words) => {
    const partNumber = `INGRAM:MICROSOFT:${e5}`;
    const wanted = { productId: products[`${e5} ${periods}`] };
    const refused = await map(partNumber, wanted, facts);
    expect([refused.status, codeOf(refused)]).toEqual([422, 'mapping.contradicts-product']);
    expect(refused.body.detail).toContain(words);
    const preview = await catalog.call('POST', `${at(partNumber)}/mapping/preview${place(facts)}`, {
      body: wanted,
    });
    expect(preview.status).toBe(422);
    expect(await history(partNumber)).toEqual([]);
  });

  it.each([
    ['P1Y/P1Y', { billingPeriod: 'P12M' }],
    ['P1M/P1Y', { billingPeriod: 'P1M' }],
    ['P3Y/P3Y', { term: 'P36M' }],
  ])('may lead to the product sold as %s when it holds for %j', async (periods, facts) => {
    const wanted = { productId: products[`${e5} ${periods}`] };
    expect((await map(`INGRAM:MICROSOFT:${e5}`, wanted, facts)).status).toBe(200);
    await unmap(`INGRAM:MICROSOFT:${e5}`, facts);
  });

  it('does not hide that a request asks for another term', async () => {
    const partNumber = `INGRAM:MICROSOFT:${e5}`;
    await map(partNumber, { productId: products[`${e5} P1M/P1Y`] }, { billingPeriod: 'P1M' });
    const requested = await resolution(partNumber, { billingPeriod: 'P1M', term: 'P1M' });
    expect(requested).toMatchObject({ outcome: 'resolved', differs: ['term'] });
    expect(requested.reason).toMatch(/product with term P1Y, but the request specifies term P1M/);
    expect(await resolution(partNumber, { billingPeriod: 'P1M' })).toMatchObject({ differs: [] });
    await unmap(partNumber, { billingPeriod: 'P1M' });
  });

  it('made before CMP changed the product, differs too', async () => {
    const partNumber = 'INGRAM:MICROSOFT:MOVED';
    const productId = products['CFQ7TTC0HD32:0002 P1M/P1M'];
    await map(partNumber, { productId }, { billingPeriod: 'P1M' });
    await catalog.pool.query(`update products set billing_period = 'P1Y' where id = $1`, [productId]);
    expect(await resolution(partNumber, { billingPeriod: 'P1M' })).toMatchObject({
      outcome: 'resolved',
      differs: ['billingPeriod'],
    });
    await catalog.pool.query(`update products set billing_period = 'P1M' where id = $1`, [productId]);
  });
});

it('one of many concurrent mappings is in force, all of them are history', async () => {
  const partNumber = 'INGRAM:MICROSOFT:CONTESTED';
  const ids = Object.values(products).slice(0, 8);
  const answers = await Promise.all(ids.map((productId) => map(partNumber, { productId })));
  expect(answers.map(({ status }) => status)).toEqual(ids.map(() => 200));
  const all = await history(partNumber);
  expect(
    all.map(({ version }: { version: number }) => version).toSorted((a: number, b: number) => a - b),
  ).toEqual(ids.map((_, index) => index + 1));
  expect(all.filter(({ endedAt }: { endedAt: string | null }) => endedAt === null)).toHaveLength(1);
});

it('honours If-Match', async () => {
  const partNumber = 'INGRAM:MICROSOFT:MATCHED';
  await map(partNumber, { productId: products[`${nce} P1M/P1Y`] });
  const stale = await map(partNumber, { productId: null }, {}, { headers: { 'if-match': '"7"' } });
  expect([stale.status, codeOf(stale)]).toEqual([412, 'stale-version']);
  expect((await unmap(partNumber, {}, { headers: { 'if-match': '"7"' } })).status).toBe(412);
  expect((await map(partNumber, { productId: null }, {}, { headers: { 'if-match': '"1"' } })).status).toBe(
    200,
  );
});

it('refuses products that are not there, another connector’s or withdrawn', async () => {
  const uk = await catalog.connector({}, 'uk');
  await catalog.sync(uk);
  const other = await catalog.one('select id from products where connector_id = $1 limit 1', [uk]);
  const gone = products['PP-ESS-BUS P1M/P1M']!;
  await catalog.pool.query('update products set gone_at = now() where id = $1', [gone]);
  await catalog.published();
  const answers = await Promise.all(
    [randomUUID(), other.id, gone].map((productId) => map('INGRAM:MICROSOFT:X', { productId })),
  );
  expect(answers.map((one) => [one.status, codeOf(one)])).toEqual([
    [404, 'product.not-found'],
    [404, 'product.not-found'],
    [409, 'product.withdrawn'],
  ]);
  expect((await map('INGRAM:MICROSOFT:X', {})).status).toBe(400);
  expect((await map('MICROSOFT:X', { productId: null })).status).toBe(400);
  expect(await catalog.published()).toEqual([]);
  expect(await history('INGRAM:MICROSOFT:X')).toEqual([]);
});

it('is for operators, and for the tenant alone', async () => {
  const partNumber = 'INGRAM:MICROSOFT:MINE';
  const wanted = { productId: products[`${nce} P1M/P1Y`] };
  expect((await map(partNumber, wanted, {}, { as: { roles: ['viewer'] } })).status).toBe(403);
  await map(partNumber, wanted);
  const elsewhere = { as: { tenant: randomUUID() } };
  expect((await map(partNumber, { ...wanted }, {}, elsewhere)).status).toBe(404);
  expect((await unmap(partNumber, {}, elsewhere)).status).toBe(404);
  expect((await catalog.call('GET', `${at(partNumber)}/mapping${place()}`, elsewhere)).status).toBe(404);
  expect((await catalog.call('GET', `${at(partNumber)}/mapping${place()}`)).status).toBe(200);
});

it('is not made in the catalogue of another tenant, where it would be in the way of that one’s', async () => {
  const partNumber = 'INGRAM:MICROSOFT:CONTENDED';
  const elsewhere = { as: { tenant: randomUUID(), roles: ['admin'] } };
  const strange = await map(partNumber, { productId: null }, {}, elsewhere);
  expect([strange.status, codeOf(strange)]).toEqual([404, 'connector.not-found']);
  const own = await map(partNumber, { productId: products[`${nce} P1M/P1Y`] });
  expect([own.status, own.body.version]).toEqual([200, 1]);
});
