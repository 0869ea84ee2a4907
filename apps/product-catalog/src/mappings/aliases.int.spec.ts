import { randomUUID } from 'node:crypto';
import { NameProducts, ProviderSubscriptionAppearedV1, type ProductReferenceV1 } from '@isthmus/contracts';
import { eventually, requestsTo } from '@isthmus/testing';
import {
  at,
  codeOf,
  type Json,
  type RunningCatalog,
  runProductCatalog,
} from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let connectorId: string;
const e5 = 'CFQ7TTC0LFLZ:0002';
const copilot = 'CFQ7TTC0MM8R:0002';
const plain = `INGRAM:MICROSOFT:${e5}`;
beforeAll(async () => {
  catalog = await runProductCatalog();
});
afterAll(() => catalog.stop());
beforeEach(async () => {
  connectorId = await catalog.connector();
  await catalog.sync(connectorId);
  await catalog.published();
});

const product = async (mpn: string, billingPeriod: string, term: string) =>
  catalog.one(
    'select id, cmp_id as "cmpId" from products where connector_id = $1 and mpn = $2 and billing_period = $3 and term = $4',
    [connectorId, mpn, billingPeriod, term],
  );
const preview = async (more: object = {}, as: object = { roles: ['viewer'] }) =>
  catalog.call('POST', '/v1/part-numbers/aliases/preview', { body: { connectorId, ...more }, as });
const create = (more: object, key: string = randomUUID(), as: object = { sub: 'ann', roles: ['operator'] }) =>
  catalog.call('POST', '/v1/part-numbers/aliases', {
    body: { connectorId, ...more },
    headers: { 'idempotency-key': key },
    as,
  });
const query = (facts: Record<string, string> = {}) => `?${new URLSearchParams({ connectorId, ...facts })}`;
const resolution = async (partNumber: string, facts = {}) =>
  (await catalog.call('GET', `${at(partNumber)}/resolution${query(facts)}`)).body;
const unmap = (partNumber: string) =>
  catalog.call('DELETE', `${at(partNumber)}/mapping${query()}`, { as: { sub: 'bob', roles: ['operator'] } });
const name = async (...products: ProductReferenceV1[]) => {
  const question = { tenantId: catalog.tenantId, connectorId, products };
  return (await requestsTo(catalog.service).request(NameProducts, question)).names;
};
const line = (more: Partial<ProductReferenceV1> = {}) => ({ vendor: 'MICROSOFT', mpn: e5, ...more });
const rowOf = ({ body }: Json, id: string) => body.rows.find((row: Json) => row.productId === id);
/** A live subscription with one line, as account-sync tells it. */
async function subscribe(mpn: string, productId: string, billing: string, term: string): Promise<string> {
  const id = randomUUID();
  const period = (iso: string) => ({
    type: iso.endsWith('Y') ? ('year' as const) : ('month' as const),
    duration: Number.parseInt(iso.slice(1)),
  });
  const facts = {
    connectorId,
    providerSubscriptionId: id,
    cmpSubscriptionId: id.slice(0, 8),
    cmpAccountId: '1000',
    name: '',
    status: 'active',
    autoRenew: true,
    billingPeriod: period(billing),
    term: period(term),
    quantityKnown: true,
    lines: [{ mpn, vendor: 'MICROSOFT', productId, name: '', quantity: 5 }],
    asOf: '2026-01-31T10:15:00.000Z',
  };
  const about = { tenantId: catalog.tenantId, id, version: 1 };
  await catalog.neighbour.publish(ProviderSubscriptionAppearedV1, facts, about);
  await eventually(async () =>
    Boolean(await catalog.one('select 1 from subscription_uses where provider_subscription_id = $1', [id])),
  );
  return id;
}

it('gives every ambiguous product and term one name, as the preview showed', async () => {
  const [monthly, triennial] = [await product(e5, 'P1M', 'P1Y'), await product(e5, 'P1M', 'P3Y')];
  await subscribe(e5, monthly.cmpId, 'P1M', 'P1Y');
  await subscribe(e5, monthly.cmpId, 'P1M', 'P1Y');
  // A line whose product id the catalogue does not know is told by mpn and periods.
  await subscribe(e5, 'PRD-UNKNOWN', 'P1M', 'P3Y');

  const shown = await preview();
  expect(shown).toMatchObject({ status: 200, body: { created: false, subscriptions: 3 } });
  expect(rowOf(shown, monthly.id)).toMatchObject({
    partNumber: `${plain}:P1Y:P1M`,
    outcome: 'create',
    subscriptions: 2,
    term: 'P1Y',
    billingPeriod: 'P1M',
  });
  expect(rowOf(shown, triennial.id)).toMatchObject({ partNumber: `${plain}:P3Y:P1M`, subscriptions: 1 });
  // Products with a part number of their own need none.
  const { rows } = await catalog.pool.query(
    `select id from products where connector_id = $1 and (vendor_key, mpn_key) in
       (select vendor_key, mpn_key from products where connector_id = $1 group by 1, 2 having count(*) > 1)`,
    [connectorId],
  );
  const shownIds = new Set(shown.body.rows.map((row: Json) => row.productId));
  expect(shownIds).toEqual(new Set(rows.map(({ id }) => id)));
  expect(shown.body.counts).toEqual({ create: rows.length, 'already-aliased': 0, refused: 0 });
  expect((await catalog.call('GET', `/v1/part-numbers/aliases${query()}`)).body.data).toEqual([]);

  const key = randomUUID();
  const created = await create({ fingerprint: shown.body.fingerprint }, key);
  expect(created.body).toEqual({ ...shown.body, created: true });
  expect((await create({ fingerprint: shown.body.fingerprint }, key)).body).toEqual(created.body);
  expect((await catalog.published()).map(({ subject, data }) => [subject, data.alias, data.by])).toEqual(
    rows.map(() => ['part-number-mapped', true, 'ann']),
  );
  expect(
    (await catalog.call('GET', `/v1/part-numbers/aliases${query({ q: 'lflz' })}`)).body.data,
  ).toHaveLength(6);
  const again = await preview();
  expect(again.body.counts).toEqual({ create: 0, 'already-aliased': rows.length, refused: 0 });
  expect(again.body.subscriptions).toBe(0);
});

it('resolves an alias whole, without periods and against those it does not have', async () => {
  const ways = [
    ['P1M', 'P1M'],
    ['P1M', 'P1Y'],
    ['P1Y', 'P1Y'],
    ['P1M', 'P3Y'],
    ['P3Y', 'P3Y'],
  ] as const;
  const shown = await preview({ vendor: 'microsoft' });
  await create({ vendor: 'microsoft', fingerprint: shown.body.fingerprint });
  for (const [billingPeriod, term] of ways) {
    const { id, cmpId } = await product(copilot, billingPeriod, term);
    const alias = `INGRAM:MICROSOFT:${copilot}:${term}:${billingPeriod}`;
    for (const requested of [{}, { billingPeriod }, { term }, { billingPeriod, term }])
      expect(await resolution(alias.toLowerCase(), requested)).toMatchObject({
        outcome: 'resolved',
        by: 'mapping',
        product: { productId: id, cmpProductId: cmpId, billingPeriod, term },
        differs: [],
      });
    expect(await resolution(alias, { billingPeriod: 'P6M', term: 'P6M' })).toMatchObject({
      outcome: 'resolved',
      differs: ['billingPeriod', 'term'],
      reason: expect.stringMatching(new RegExp(`${alias} .*${billingPeriod}.*specifies.*P6M`)),
    });
  }
});

it('is shown on reads instead of vendor and mpn until it is unmapped', async () => {
  const { id, cmpId } = await product(e5, 'P1M', 'P1Y');
  const alias = `${plain}:P1Y:P1M`;
  expect((await create({ productIds: [id] })).body.counts).toMatchObject({ create: 1 });

  expect(
    await name(
      line({ cmpProductId: cmpId }),
      line({ billingPeriod: 'P1M', term: 'P1Y' }),
      line({ billingPeriod: 'P1M', term: 'P12M', vendor: 'Microsoft' }),
      line({ billingPeriod: 'P1M', term: 'P3Y' }),
      line({ billingPeriod: 'P1M' }),
      line({}),
      line({ mpn: 'NEVER:HEARD' }),
      line({ vendor: 'A:B', mpn: 'C' }),
    ),
  ).toEqual([
    { partNumber: alias, by: 'alias' },
    { partNumber: alias, by: 'alias' },
    { partNumber: alias, by: 'alias' },
    { partNumber: plain, by: 'product' },
    { partNumber: plain, by: 'product' },
    { partNumber: plain, by: 'product' },
    { partNumber: 'INGRAM:MICROSOFT:NEVER:HEARD', by: 'product' },
    { by: 'product' },
  ]);
  expect((await catalog.call('GET', `/v1/products/${id}`)).body).toMatchObject({ partNumber: plain, alias });

  // What CMP withdraws keeps its name, and nothing is ordered by it.
  await catalog.pool.query('update products set gone_at = now() where id = $1', [id]);
  expect(await name(line({ cmpProductId: cmpId }))).toEqual([{ partNumber: alias, by: 'alias' }]);
  expect(await resolution(alias)).toMatchObject({ outcome: 'unknown' });
  expect((await unmap(alias)).status).toBe(204);
  expect(await name(line({ cmpProductId: cmpId }))).toEqual([{ partNumber: plain, by: 'product' }]);
  const { body } = await catalog.call('GET', `${at(alias)}/mapping/history${query()}`);
  expect(body.data).toMatchObject([{ alias: true, mappedBy: 'ann', endedBy: 'bob', productId: id }]);
});

it('names one product by a name of its own, also one that was mapped to it before', async () => {
  const [first, second] = [await product(e5, 'P1M', 'P1M'), await product(e5, 'P1M', 'P1Y')];
  const partNumber = 'INGRAM:MICROSOFT:M365-E5';
  await catalog.call('PUT', `${at(partNumber)}/mapping${query()}`, { body: { productId: first.id } });
  const created = await create({ productIds: [first.id], partNumber, reason: 'for the desk' });
  expect(created.body.rows).toMatchObject([{ partNumber, outcome: 'create', problem: null }]);
  const { body } = await catalog.call('GET', `${at(partNumber)}/mapping/history${query()}`);
  expect(body.data.map(({ alias, version }: Json) => [alias, version])).toEqual([
    [true, 2],
    [false, 1],
  ]);
  const taken = await create({ productIds: [second.id], partNumber });
  expect([taken.status, codeOf(taken)]).toEqual([409, 'alias.refused']);
  expect(taken.body.detail).toContain('mapped to another product');
  // Mapped anew it names the other product, and is nobody's alias any more.
  await catalog.call('PUT', `${at(partNumber)}/mapping${query()}`, { body: { productId: second.id } });
  expect(await name(line({ billingPeriod: 'P1M', term: 'P1M' }))).toMatchObject([{ by: 'product' }]);
});

it('takes no mapping for particular periods beside it, over HTTP or in a file', async () => {
  const [{ id }, other] = [await product(e5, 'P1M', 'P1M'), await product(e5, 'P1M', 'P1Y')];
  await create({ productIds: [id] });
  const alias = `${plain}:P1M:P1M`;
  const refused = await catalog.call('PUT', `${at(alias)}/mapping${query({ billingPeriod: 'P1M' })}`, {
    body: { productId: other.id },
  });
  expect([refused.status, codeOf(refused)]).toEqual([409, 'mapping.is-alias']);
  const { body } = await catalog.call('POST', `/v1/mappings/import${query()}`, {
    body: `part_number,product_id,term\n${alias},${other.id},P1Y\n`,
    headers: { 'content-type': 'text/csv' },
  });
  expect(body.counts).toEqual({ refused: 1 });
});

it('refuses, each with its reason, names that are taken, unfit or not to be made, and creates the others', async () => {
  const [monthly, yearly, excluded] = [
    await product(e5, 'P1M', 'P1M'),
    await product(e5, 'P1M', 'P1Y'),
    await product(e5, 'P1M', 'P3Y'),
  ];
  const [used, withdrawn, periodless, aliased] = [
    await product(e5, 'P1Y', 'P1Y'),
    await product(e5, 'P1Y', 'P3Y'),
    await product(e5, 'P3Y', 'P3Y'),
    await product(copilot, 'P1M', 'P1M'),
  ];
  const odd = await product(copilot, 'P1M', 'P1Y');
  const mapTo = (partNumber: string, productId: string | null, facts = {}) =>
    catalog.call('PUT', `${at(partNumber)}/mapping${query(facts)}`, { body: { productId } });
  await mapTo(`${plain}:P1M:P1M`, yearly.id);
  await mapTo(`${plain}:P3Y:P1M`, null);
  await subscribe(`${e5}:P1Y:P1Y`, '', 'P1Y', 'P1Y');
  await catalog.pool.query('update products set gone_at = now() where id = $1', [withdrawn.id]);
  await catalog.pool.query('update products set term = null where id = $1', [periodless.id]);
  await create({ productIds: [aliased.id], partNumber: 'INGRAM:MICROSOFT:COPILOT' });
  await catalog.pool.query(`update products set vendor = E'MICRO\\tSOFT' where id = $1`, [odd.id]);
  const productIds = [monthly, yearly, excluded, used, withdrawn, periodless, aliased, odd].map(
    ({ id }) => id,
  );

  const shown = await preview({ productIds });
  const outcome = ({ id }: { id: string }) => {
    const { outcome: what, problem } = rowOf(shown, id);
    return [what, problem];
  };
  expect(outcome(monthly)).toEqual(['refused', expect.stringContaining('mapped to another product')]);
  expect(outcome(yearly)).toEqual(['create', null]);
  expect(outcome(excluded)).toEqual(['refused', expect.stringContaining('excluded')]);
  expect(outcome(used)).toEqual(['refused', expect.stringContaining('1 subscriptions')]);
  expect(outcome(withdrawn)).toEqual(['refused', expect.stringContaining('no longer lists')]);
  expect(outcome(periodless)).toEqual(['refused', expect.stringContaining('shows no term')]);
  expect(outcome(aliased)).toEqual(['already-aliased', null]);
  expect(outcome(odd)).toEqual(['refused', expect.stringContaining('cannot be printed at position 13')]);
  const created = await create({ productIds });
  expect(created.body).toMatchObject({
    created: true,
    counts: { create: 1, 'already-aliased': 1, refused: 6 },
  });
  expect(await resolution(`${plain}:P1Y:P1M`)).toMatchObject({ product: { productId: yearly.id } });
});

it('refuses names that a pattern makes twice, and the own name of several products', async () => {
  const twins = await preview({ pattern: 'INGRAM:<vendor>:<MPN>-<term>' });
  const year = twins.body.rows.filter(({ mpn, term }: Json) => mpn === e5 && term === 'P1Y');
  expect(year.map(({ outcome }: Json) => outcome)).toEqual(['refused', 'refused']);
  expect(year[0].problem).toContain(`The same name is requested for ${year[1].cmpId}`);
  expect(twins.body.rows.find(({ mpn, term }: Json) => mpn === e5 && term === 'P1M')).toMatchObject({
    partNumber: `INGRAM:MICROSOFT:${e5}-P1M`,
    outcome: 'create',
  });
  const { id } = await product(e5, 'P1M', 'P1M');
  for (const partNumber of [plain, `${plain}_MONTHLY`]) {
    const own = await create({ productIds: [id], partNumber });
    expect([own.status, own.body.detail]).toEqual([409, expect.stringContaining('other products')]);
  }
});

it.each<[string, (id: string) => unknown, object?]>([
  [
    'a product is withdrawn',
    (id: string) => catalog.pool.query('update products set gone_at = now() where id = $1', [id]),
  ],
  ['a subscription comes', async () => subscribe(e5, (await product(e5, 'P1M', 'P1M')).cmpId, 'P1M', 'P1M')],
  [
    'a name is mapped',
    (id: string) =>
      catalog.call('PUT', `${at(`${plain}:P1M:P1M`)}/mapping${query()}`, { body: { productId: id } }),
  ],
  ['another pattern is sent', () => undefined, { pattern: 'INGRAM:vendor:mpn/<term>/<billing period>' }],
])('creates nothing when %s after the preview', async (_, change, more = {}) => {
  const shown = await preview();
  await change((await product(copilot, 'P1M', 'P1M')).id);
  await catalog.published();
  const refused = await create({ fingerprint: shown.body.fingerprint, ...more });
  expect([refused.status, codeOf(refused)]).toEqual([409, 'alias.preview-outdated']);
  expect(await catalog.published()).toEqual([]);
});

it('refuses what cannot be meant, naming the field', async () => {
  const { id } = await product(e5, 'P1M', 'P1M');
  const fields = async (more: object) => {
    const { status, body } = await create(more);
    return [status, body.errors?.[0].field];
  };
  expect(await fields({})).toEqual([400, 'fingerprint']);
  expect(await fields({ pattern: 'INGRAM:vendor:<sku>', productIds: [id] })).toEqual([400, 'pattern']);
  expect(await fields({ partNumber: 'INGRAM:A:B' })).toEqual([400, 'partNumber']);
  expect(await fields({ productIds: [] })).toEqual([400, 'productIds']);
  expect(await fields({ productIds: ['x'] })).toEqual([400, 'productIds']);
  const unfit = await create({ productIds: [id], partNumber: 'E5' });
  expect([unfit.status, unfit.body.detail]).toEqual([
    409,
    expect.stringContaining('does not start with INGRAM:'),
  ]);
  const strange = await create({ productIds: [randomUUID()] });
  expect([strange.status, codeOf(strange)]).toEqual([404, 'product.not-found']);
});

it('is for operators, and for the tenant and connector alone', async () => {
  const { id } = await product(e5, 'P1M', 'P1M');
  expect((await create({ productIds: [id] }, undefined, { roles: ['viewer'] })).status).toBe(403);
  const stranger = { tenant: randomUUID() };
  expect((await preview({}, stranger)).status).toBe(404);
  expect((await create({ productIds: [id] }, undefined, stranger)).status).toBe(404);
  await create({ productIds: [id] });
  expect((await catalog.call('GET', '/v1/part-numbers/aliases', { as: stranger })).body.data).toEqual([]);
  const question = {
    tenantId: randomUUID(),
    connectorId,
    products: [line({ billingPeriod: 'P1M', term: 'P1M' })],
  };
  expect((await requestsTo(catalog.service).request(NameProducts, question)).names).toEqual([
    { partNumber: plain, by: 'product' },
  ]);
  const other = await catalog.connector();
  expect((await create({ connectorId: other, productIds: [id] })).status).toBe(404);
  await catalog.pool.query(`update connectors set status = 'paused' where connector_id = $1`, [connectorId]);
  expect((await preview()).status).toBe(200);
});

it('names one product once, however many ask at the same time', async () => {
  const { id } = await product(e5, 'P1M', 'P1M');
  const answers = await Promise.all(
    Array.from({ length: 6 }, (_, n) => create({ productIds: [id], partNumber: `INGRAM:MICROSOFT:E5-${n}` })),
  );
  const created = answers.filter(({ body }) => body.counts?.create === 1);
  expect(created).toHaveLength(1);
  expect(answers.every(({ status }) => status === 200)).toBe(true);
  const { body } = await catalog.call('GET', `/v1/part-numbers/aliases${query()}`);
  expect(body.data).toMatchObject([{ productId: id, partNumber: created[0]!.body.rows[0].partNumber }]);
});
