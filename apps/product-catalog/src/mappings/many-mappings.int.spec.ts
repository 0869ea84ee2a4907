import { randomUUID } from 'node:crypto';
import { ProviderSubscriptionAppearedV1 } from '@isthmus/contracts';
import { eventually } from '@isthmus/testing';
import { at, type Json, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let connectorId: string;
const products: Record<string, string> = {};
beforeAll(async () => {
  catalog = await runProductCatalog();
  ({ connectorId } = catalog);
  await catalog.sync();
  const { rows } = await catalog.pool.query('select id, mpn, billing_period, term from products');
  for (const { id, mpn, billing_period, term } of rows) products[`${mpn} ${billing_period}/${term}`] = id;
});
afterAll(() => catalog.stop());

const basic = 'CFQ7TTC0LH16:0001';
const operator = { sub: 'ann', roles: ['operator'] } as const;
const decide = (body: object, as: object = operator) =>
  catalog.call('POST', '/v1/part-numbers/mappings', { body, as: as as never });
const mappingOf = async (partNumber: string, periods: Record<string, string> = {}) => {
  const query = new URLSearchParams({ connectorId, ...periods });
  const { status, body } = await catalog.call('GET', `${at(partNumber)}/mapping?${query}`);
  return status === 200 ? body : undefined;
};
const list = async (query: Record<string, string>) =>
  (await catalog.call('GET', `/v1/part-numbers?${new URLSearchParams({ connectorId, ...query })}`)).body;

/** So many live subscriptions use it. */
async function inUse(subscriptions: number, mpn: string, name = ''): Promise<void> {
  const ids = Array.from({ length: subscriptions }, () => randomUUID());
  for (const id of ids)
    await catalog.neighbour.publish(
      ProviderSubscriptionAppearedV1,
      {
        ...{ connectorId, providerSubscriptionId: id, cmpSubscriptionId: id.slice(0, 8) },
        ...{ cmpAccountId: '1000', name, status: 'active', autoRenew: true, quantityKnown: true },
        billingPeriod: { type: 'month', duration: 1 },
        term: { type: 'year', duration: 1 },
        lines: [{ mpn, vendor: 'MICROSOFT', productId: '', name, quantity: 5 }],
        asOf: '2026-01-31T10:15:00.000Z',
      },
      { tenantId: catalog.tenantId, id, version: 1 },
    );
  await eventually(async () => {
    const { seen } = await catalog.one(
      'select count(*)::int as seen from seen_subscriptions where provider_subscription_id = any($1)',
      [ids],
    );
    return seen === ids.length;
  });
}

describe('many mappings at once', () => {
  it('are made one by one: what is refused says why and does not affect the others', async () => {
    await decide({ rows: [{ connectorId, partNumber: 'INGRAM:MICROSOFT:OLD', action: 'exclude' }] });
    await catalog.published();
    const rows = [
      { connectorId, partNumber: 'INGRAM:MICROSOFT:A', productId: products[`${basic} P1M/P1Y`] },
      { connectorId, partNumber: 'INGRAM:MICROSOFT:B', action: 'exclude' },
      { connectorId, partNumber: 'INGRAM:MICROSOFT:OLD', action: 'unmap' },
      { connectorId, partNumber: 'INGRAM:MICROSOFT:NEVER', action: 'unmap' },
      { connectorId, partNumber: 'INGRAM:MICROSOFT:C', productId: randomUUID() },
      { connectorId, partNumber: 'no part number', action: 'exclude' },
      { connectorId: randomUUID(), partNumber: 'INGRAM:MICROSOFT:D', action: 'exclude' },
      {
        ...{ connectorId, partNumber: 'INGRAM:MICROSOFT:E', term: 'P3Y' },
        productId: products[`${basic} P1M/P1Y`],
      },
    ];
    const { status, body } = await decide({ rows, reason: 'From the spring clean.' });
    expect(status).toBe(200);
    expect(body).toMatchObject({
      ...{ dryRun: false, mapped: 1, excluded: 1, unmapped: 1, unchanged: 1, refused: 4 },
    });
    expect(body.results.map(({ outcome, code }: Json) => [outcome, code])).toEqual([
      ['mapped', undefined],
      ['excluded', undefined],
      ['unmapped', undefined],
      ['unchanged', undefined],
      ['refused', 'product.not-found'],
      ['refused', 'part-number.invalid'],
      ['refused', 'connector.not-found'],
      ['refused', 'mapping.contradicts-product'],
    ]);
    for (const { detail, nextStep } of body.results.slice(4))
      expect(`${detail} ${nextStep}`).toMatch(/Use an id|Write it as|leave the period out/);
    expect(await mappingOf('INGRAM:MICROSOFT:A')).toMatchObject({
      ...{ productId: rows[0]!.productId, mappedBy: 'ann', source: 'person' },
      reason: 'From the spring clean.',
    });
    expect(await mappingOf('INGRAM:MICROSOFT:B')).toMatchObject({ excluded: true });
    expect(await mappingOf('INGRAM:MICROSOFT:OLD')).toBeUndefined();
    expect((await catalog.published()).map(({ subject, data }) => [subject, data.partNumber])).toEqual([
      ['part-number-mapped', 'INGRAM:MICROSOFT:A'],
      ['part-number-mapped', 'INGRAM:MICROSOFT:B'],
      ['part-number-unmapped', 'INGRAM:MICROSOFT:OLD'],
    ]);
    // Nobody had ever decided about NEVER, so there is nothing to record.
    const { things } = await catalog.one(
      `select array_agg(thing_id order by thing_id) as things from audit_entries where action = 'part-number.unmap'`,
    );
    expect(things).toEqual(['INGRAM:MICROSOFT:OLD']);
    expect((await decide({ rows })).body).toMatchObject({
      mapped: 0,
      excluded: 0,
      unmapped: 0,
      unchanged: 4,
    });
    expect(await catalog.published()).toEqual([]);
  });

  it('change and tell nothing in a dry run, which says the same', async () => {
    await catalog.published();
    const rows = [
      { connectorId, partNumber: 'INGRAM:MICROSOFT:DRY', productId: products[`${basic} P1Y/P1Y`] },
      { connectorId, partNumber: 'INGRAM:MICROSOFT:DRY', term: 'P1Y', action: 'exclude' },
      { connectorId, partNumber: 'INGRAM:MICROSOFT:DRY-2', productId: randomUUID() },
    ];
    const tried = await decide({ rows, source: 'suggestion', dryRun: true });
    expect(tried.body).toMatchObject({ dryRun: true, mapped: 1, excluded: 1, refused: 1 });
    expect(await mappingOf('INGRAM:MICROSOFT:DRY')).toBeUndefined();
    expect(await catalog.published()).toEqual([]);
    const made = await decide({ rows, source: 'suggestion' });
    expect(made.body.results).toEqual(tried.body.results);
    expect(await mappingOf('INGRAM:MICROSOFT:DRY')).toMatchObject({ source: 'suggestion' });
    expect(await mappingOf('INGRAM:MICROSOFT:DRY', { term: 'P1Y' })).toMatchObject({ excluded: true });
  });

  it('are those of suggestions that leave no doubt, and only where somebody must decide', async () => {
    // Written without its colon, but otherwise what CMP sells: nothing speaks for another one.
    await inUse(2, 'CFQ7TTC0LCHC0002', 'Microsoft 365 Business Premium');
    await inUse(3, 'CFQ7TTC0LH16:0001', 'Microsoft 365 Business Basic');
    await inUse(1, 'NOBODY-KNOWS-IT', 'Something else');
    const waiting = (await list({ state: 'unmapped', suggest: 'true' })).data as Json[];
    const sure = waiting.filter(({ bestSuggestion }) => bestSuggestion?.sure);
    expect(waiting.length).toBeGreaterThan(sure.length);

    const tried = await decide({ suggested: { connectorId }, dryRun: true });
    expect(sure.length).toBeGreaterThan(0);
    expect(
      new Set(tried.body.results.map(({ partNumber, productId }: Json) => `${partNumber} ${productId}`)),
    ).toEqual(new Set(sure.map((one) => `${one.partNumber} ${one.bestSuggestion.productId}`)));
    expect((await decide({ suggested: { connectorId: randomUUID() } })).body.results).toEqual([]);
    const made = await decide({ suggested: {} });
    expect(made.body).toMatchObject({ mapped: sure.length, refused: 0 });
    for (const { partNumber, billingPeriod, term } of sure)
      expect(await mappingOf(partNumber, { billingPeriod, term })).toMatchObject({ source: 'suggestion' });
    expect((await decide({ suggested: {} })).body.results).toEqual([]);
  });

  it.each<[string, object]>([
    ['neither rows nor suggestions', {}],
    ['both', { rows: [{ connectorId: randomUUID(), partNumber: 'A', action: 'exclude' }], suggested: {} }],
    ['no rows', { rows: [] }],
    [
      'a part number twice',
      { rows: Array(2).fill({ connectorId: randomUUID(), partNumber: 'INGRAM:A:B', action: 'exclude' }) },
    ],
    ['a mapping to nothing', { rows: [{ connectorId: randomUUID(), partNumber: 'INGRAM:A:B' }] }],
    ['no connector', { rows: [{ partNumber: 'INGRAM:A:B', action: 'exclude' }] }],
    [
      'a period that is none',
      { rows: [{ connectorId: randomUUID(), partNumber: 'INGRAM:A:B', action: 'exclude', term: 'yearly' }] },
    ],
    ['a text for a flag', { suggested: {}, dryRun: 'yes' }],
  ])('are refused with %s', async (_, body) => {
    expect((await decide(body)).status).toBe(400);
  });

  it("are nobody else's, and no viewer's", async () => {
    const body = { rows: [{ connectorId, partNumber: 'INGRAM:MICROSOFT:FOREIGN', action: 'exclude' }] };
    expect((await decide(body, { roles: ['viewer'] })).status).toBe(403);
    const foreign = await decide(body, { ...operator, tenant: randomUUID() });
    expect(foreign.body.results[0].code).toBe('connector.not-found');
    expect(await mappingOf('INGRAM:MICROSOFT:FOREIGN')).toBeUndefined();
  });
});

describe('the queue', () => {
  it('has what most subscriptions wait for first, across pages, and several states at once', async () => {
    await inUse(2, 'SORT-MIDDLE');
    await inUse(1, 'SORT-A-FEW');
    await inUse(4, 'SORT-Z-MANY');
    await inUse(1, 'SORT-B-FEW');
    const found: string[] = [];
    for (let cursor = ''; ;) {
      const page = await list({ q: 'sort-', sort: 'subscriptions', limit: '1', ...(cursor && { cursor }) });
      found.push(...page.data.map(({ partNumber }: Json) => partNumber.split(':').at(-1)));
      if (!page.nextCursor) break;
      cursor = page.nextCursor;
    }
    expect(found).toEqual(['SORT-Z-MANY', 'SORT-MIDDLE', 'SORT-A-FEW', 'SORT-B-FEW']);
    await decide({
      rows: [
        {
          ...{ connectorId, partNumber: 'INGRAM:MICROSOFT:SORT-MIDDLE', action: 'exclude' },
          ...{ billingPeriod: 'P1M', term: 'P1Y' },
        },
      ],
    });
    const path = `/v1/part-numbers?connectorId=${connectorId}&q=sort-`;
    const names = async (states: string) =>
      (await catalog.call('GET', `${path}${states}`)).body.data.map(({ state }: Json) => state);
    expect(await names('&state=excluded&state=unmapped')).toEqual([
      ...['unmapped', 'unmapped', 'excluded', 'unmapped'],
    ]);
    expect(await names('&state=excluded')).toEqual(['excluded']);
    expect((await catalog.call('GET', `${path}&state=lost`)).status).toBe(400);
  });

  it('says what fits best only if asked, and only of what waits', async () => {
    await inUse(1, `${basic}X`, 'Microsoft 365 Business Basic');
    const query = { q: `${basic}X` };
    expect((await list(query)).data[0].bestSuggestion).toBeNull();
    const { bestSuggestion } = (await list({ ...query, suggest: 'true' })).data[0];
    const { data } = (
      await catalog.call(
        'GET',
        `${at(`INGRAM:MICROSOFT:${basic}X`)}/suggestions?connectorId=${connectorId}&billingPeriod=P1M&term=P1Y`,
      )
    ).body;
    const [{ product, score, sure, tied }] = data;
    expect(bestSuggestion).toEqual({
      ...{ productId: product.productId, name: product.name, score, sure, tied },
    });
    const mapped = (await list({ state: 'mapped', suggest: 'true' })).data as Json[];
    expect(mapped.length).toBeGreaterThan(0);
    expect(mapped.every((one) => one.bestSuggestion === null)).toBe(true);
  });
});
