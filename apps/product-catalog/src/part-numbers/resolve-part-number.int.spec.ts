import { requestsTo } from '@isthmus/testing';
import { randomUUID } from 'node:crypto';
import { ResolvePartNumber, type PartNumberQueryV1 } from '@isthmus/contracts';
import { at, codeOf, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
beforeAll(async () => {
  catalog = await runProductCatalog();
  await catalog.sync();
});
afterAll(() => catalog.stop());

const resolvePartNumbers = async (questions: PartNumberQueryV1[], of: object = {}) => {
  const { tenantId, connectorId } = catalog;
  const question = { tenantId, connectorId, questions, ...of };
  return (await requestsTo(catalog.service).request(ResolvePartNumber, question)).answers;
};
const resolveOne = async (partNumber: string, facts: object = {}) =>
  (await resolvePartNumbers([{ partNumber, ...facts }]))[0]!;
const nce = 'INGRAM:MICROSOFT:CFQ7TTC0LH16:0001';
const guid = 'INGRAM:MICROSOFT:d903a2db-bf6f-4434-83f1-21ba44017813';

describe('each kind of part number of the Ingram integration', () => {
  it.each([
    [
      'an NCE mpn with a colon, term and billing given',
      nce,
      { billingPeriod: 'P1M', term: 'P1Y' },
      'CFQ7TTC0LH16:0001',
      'P1M',
      'P1Y',
    ],
    ['a triennial term', nce, { billingPeriod: 'P3Y', term: 'P3Y' }, 'CFQ7TTC0LH16:0001', 'P3Y', 'P3Y'],
    ['a legacy GUID', guid, {}, 'd903a2db-bf6f-4434-83f1-21ba44017813', 'P1M', 'P1Y'],
    [
      'a legacy GUID with _ANNUAL',
      `${guid}_ANNUAL`,
      {},
      'd903a2db-bf6f-4434-83f1-21ba44017813_ANNUAL',
      'P1Y',
      'P1Y',
    ],
    [
      'a legacy GUID with _MONTHLY',
      `${guid}_MONTHLY`,
      {},
      'd903a2db-bf6f-4434-83f1-21ba44017813_MONTHLY',
      'P1M',
      'P1M',
    ],
    ['another vendor', 'INGRAM:ACRONIS:ACR-CP-STD', {}, 'ACR-CP-STD', 'P1M', 'P1M'],
    ['an mpn that two vendors share', 'INGRAM:VEEAM:BACKUP-STD', {}, 'BACKUP-STD', 'P1M', 'P1M'],
    [
      'blanks and another case',
      '  ingram : microsoft :D903A2DB-bf6f-4434-83f1-21ba44017813_annual ',
      {},
      'd903a2db-bf6f-4434-83f1-21ba44017813_ANNUAL',
      'P1Y',
      'P1Y',
    ],
    [
      'a suffix that CMP’s mpn has not',
      'INGRAM:MICROSOFT:CFQ7TTC0LF8Q:0001_ANNUAL',
      {},
      'CFQ7TTC0LF8Q:0001',
      'P1Y',
      'P1Y',
    ],
  ])('resolves %s', async (_, partNumber, facts, mpn, billingPeriod, term) => {
    expect(await resolveOne(partNumber, facts)).toMatchObject({
      partNumber,
      outcome: 'resolved',
      by: 'rule',
      product: { mpn, billingPeriod, term, cmpProductId: expect.stringMatching(/^PRD/) },
    });
  });

  it('answers a clashing mpn as ambiguous until the term is given', async () => {
    const clash = await resolveOne(nce, { billingPeriod: 'P1M' });
    expect(clash).toMatchObject({ outcome: 'ambiguous', candidateCount: 3, deciding: ['term'] });
    expect(new Set(clash.candidates.map(({ term }) => term))).toEqual(new Set(['P1M', 'P1Y', 'P3Y']));
    expect(clash.product).toBeUndefined();
    for (const { term, cmpProductId } of clash.candidates)
      expect(await resolveOne(nce, { billingPeriod: 'P1M', term })).toMatchObject({
        outcome: 'resolved',
        product: { cmpProductId },
      });
  });
});

it('answers many in one round trip and in their order, whatever is among them', async () => {
  const outcomes = await resolvePartNumbers([
    { partNumber: nce },
    { partNumber: 'CFQ7TTC0LH16:0001' },
    { partNumber: 'INGRAM:ACRONIS:ACR-CP-STD' },
    { partNumber: 'INGRAM:ACRONIS:NONE' },
  ]);
  expect(outcomes.map(({ outcome }) => outcome)).toEqual(['ambiguous', 'unknown', 'resolved', 'unknown']);
  expect(outcomes[1]!.reason).toMatch(/does not start with INGRAM: at position 1/);
  const many = Array.from({ length: 200 }, (_, n) => ({ partNumber: n % 2 ? nce : guid }));
  expect((await resolvePartNumbers(many)).filter(({ outcome }) => outcome === 'resolved')).toHaveLength(100);
});

it('says what an order line needs of the product', async () => {
  expect((await resolveOne('INGRAM:ACRONIS:ACR-CP-100G')).product).toMatchObject({
    vendor: 'ACRONIS',
    minimum: 1,
    maximum: 10000,
    unitPrice: { amount: '3.10', currency: 'USD' },
    unitCost: { currency: 'USD' },
    billingModel: 'chargeBeforeBillingPeriod',
    dependsOn: [{ mpn: 'ACR-CP-STD', id: expect.stringMatching(/^PRD/) }],
  });
});

it('takes the recurring price of the first seat for the price of one, whatever else CMP charges', async () => {
  const price = (amount: string, more: object) => ({ amount, currency: 'USD', ...more });
  const all = (first: string) =>
    JSON.stringify([
      price('49.00', { type: 'setup' }),
      price('0.10', { type: 'overuse' }),
      price('1.05', { type: 'recurring', lowerLimit: 100 }),
      price(first, { type: 'recurring', lowerLimit: 1 }),
    ]);
  await catalog.pool.query(`update products set prices = $1, costs = $2 where mpn = 'BACKUP-STD'`, [
    all('2.10'),
    all('1.90'),
  ]);
  expect((await resolveOne('INGRAM:VEEAM:BACKUP-STD')).product).toMatchObject({
    unitPrice: { amount: '2.10', currency: 'USD' },
    unitCost: { amount: '1.90', currency: 'USD' },
  });
});

it('knows nothing of another tenant’s or connector’s catalogue', async () => {
  const question = [{ partNumber: 'INGRAM:ACRONIS:ACR-CP-STD' }];
  expect((await resolvePartNumbers(question, { tenantId: randomUUID() }))[0]!.outcome).toBe('unknown');
  expect((await resolvePartNumbers(question, { connectorId: randomUUID() }))[0]!.outcome).toBe('unknown');
});

describe('over HTTP', () => {
  const read = (partNumber: string, facts: Record<string, string> = {}) =>
    catalog.call(
      'GET',
      `${at(partNumber)}/resolution?${new URLSearchParams({ connectorId: catalog.connectorId, ...facts })}`,
      {
        as: { roles: ['viewer'] },
      },
    );

  it('answers the same', async () => {
    const facts = { billingPeriod: 'P1M', term: 'P1Y' };
    expect((await read(nce, facts)).body).toEqual(await resolveOne(nce, facts));
    expect((await read(nce)).body).toMatchObject({
      outcome: 'ambiguous',
      deciding: ['billingPeriod', 'term'],
    });
  });

  it('says what is wrong with a text and where', async () => {
    const refused = await read('INGRAM:MICROSOFT');
    expect([refused.status, codeOf(refused)]).toEqual([400, 'part-number.invalid']);
    expect(refused.body.detail).toMatch(/the mpn is missing at position 17/);
    expect((await read(nce, { term: '1 year' })).status).toBe(400);
  });
});
