import { requestsTo } from '@isthmus/testing';
import { randomUUID } from 'node:crypto';
import { NameProducts, type ProductReferenceV1 } from '@isthmus/contracts';
import { at, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let connectorId: string;
const e5 = 'CFQ7TTC0LFLZ:0002';
const plain = `INGRAM:MICROSOFT:${e5}`;
beforeAll(async () => {
  catalog = await runProductCatalog();
});
afterAll(() => catalog.stop());
beforeEach(async () => {
  connectorId = await catalog.connector();
  await catalog.sync(connectorId);
});

const product = async (mpn: string, billingPeriod: string, term: string) =>
  catalog.one(
    'select id, cmp_id as "cmpId" from products where connector_id = $1 and mpn = $2 and billing_period = $3 and term = $4',
    [connectorId, mpn, billingPeriod, term],
  );
const create = (more: object) =>
  catalog.call('POST', '/v1/part-numbers/aliases', {
    body: { connectorId, ...more },
    headers: { 'idempotency-key': randomUUID() },
  });
const query = (facts: Record<string, string> = {}) => `?${new URLSearchParams({ connectorId, ...facts })}`;
const name = async (...products: ProductReferenceV1[]) => {
  const question = { tenantId: catalog.tenantId, connectorId, products };
  return (await requestsTo(catalog.service).request(NameProducts, question)).names;
};
const line = (more: Partial<ProductReferenceV1> = {}) => ({ vendor: 'MICROSOFT', mpn: e5, ...more });

it('answers the part number that something was ordered by while it means what is there', async () => {
  const [annual, monthly] = [await product(e5, 'P1Y', 'P1Y'), await product(e5, 'P1M', 'P1Y')];
  const alias = `${plain}:P1Y:P1M`;
  await create({ productIds: [monthly.id] });
  const is = { cmpProductId: monthly.cmpId, billingPeriod: 'P1M', term: 'P1Y' };
  const f1 = await product('CFQ7TTC0LF8Q:0001', 'P1Y', 'P1Y');
  const e1 = { mpn: 'CFQ7TTC0LF8Q:0001', cmpProductId: f1.cmpId, billingPeriod: 'P1Y', term: 'P1Y' };
  const suffixed = 'INGRAM:MICROSOFT:CFQ7TTC0LF8Q:0001_ANNUAL';
  expect(
    await name(
      // As it was sent, in its own case.
      line({ ...is, orderedAs: alias.toLowerCase() }),
      line({ ...is, orderedAs: plain }),
      line({ ...e1, orderedAs: suffixed }),
      // Another term, another product, a suffix that is no longer true, another vendor, no part number.
      line({ cmpProductId: annual.cmpId, billingPeriod: 'P1Y', term: 'P1Y', orderedAs: alias }),
      line({ ...is, orderedAs: suffixed }),
      line({ ...is, cmpProductId: annual.cmpId }),
      line({ ...e1, ...is, cmpProductId: undefined, mpn: e1.mpn, orderedAs: suffixed }),
      line({ ...is, orderedAs: `INGRAM:OTHER:${e5}` }),
      line({ ...is, orderedAs: 'E5' }),
      // What the catalogue does not know is told by its own vendor and mpn.
      line({ mpn: 'GONE', orderedAs: 'INGRAM:Microsoft:gone' }),
      line({ mpn: 'GONE', orderedAs: plain }),
    ),
  ).toEqual([
    { partNumber: alias.toLowerCase(), by: 'order' },
    { partNumber: plain, by: 'order' },
    { partNumber: suffixed, by: 'order' },
    { partNumber: plain, by: 'product' },
    { partNumber: alias, by: 'alias' },
    { partNumber: alias, by: 'alias' },
    { partNumber: 'INGRAM:MICROSOFT:CFQ7TTC0LF8Q:0001', by: 'product' },
    { partNumber: alias, by: 'alias' },
    { partNumber: alias, by: 'alias' },
    { partNumber: 'INGRAM:Microsoft:gone', by: 'order' },
    { partNumber: 'INGRAM:MICROSOFT:GONE', by: 'product' },
  ]);
});

it('leaves names alone that a mapping for particular periods leads to', async () => {
  const { id } = await product(e5, 'P1M', 'P1Y');
  await catalog.call('PUT', `${at(plain)}/mapping${query({ billingPeriod: 'P1M' })}`, {
    body: { productId: id },
  });
  await catalog.call('PUT', `${at('INGRAM:MICROSOFT:OLD')}/mapping${query()}`, { body: { productId: id } });
  const is = { billingPeriod: 'P1M', term: 'P1Y' };
  expect(await name(line(is), line({ ...is, orderedAs: 'INGRAM:MICROSOFT:OLD' }))).toEqual([
    { partNumber: plain, by: 'product' },
    { partNumber: 'INGRAM:MICROSOFT:OLD', by: 'order' },
  ]);
  // The mapping says that P1M is the one of a year: the one of a month is not ordered by that name any more.
  expect(await name(line({ billingPeriod: 'P1M', term: 'P1M', orderedAs: plain }))).toEqual([
    { partNumber: plain, by: 'product' },
  ]);
});

it('names 500 at a time', async () => {
  const { id } = await product(e5, 'P1M', 'P1Y');
  await create({ productIds: [id] });
  const many = Array.from({ length: 500 }, (_, n) =>
    line(n % 2 ? { billingPeriod: 'P1M', term: 'P1Y', orderedAs: `${plain}:${n}` } : { mpn: `M-${n}` }),
  );
  expect(await name(...many)).toEqual(
    many.map(({ mpn }, n) =>
      n % 2
        ? { partNumber: `${plain}:P1Y:P1M`, by: 'alias' }
        : { partNumber: `INGRAM:MICROSOFT:${mpn}`, by: 'product' },
    ),
  );
});
