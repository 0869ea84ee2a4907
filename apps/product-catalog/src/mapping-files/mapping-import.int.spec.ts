import { randomUUID } from 'node:crypto';
import { at, codeOf, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let nce: string;
let acr: string;
beforeAll(async () => {
  catalog = await runProductCatalog({}, { IMPORT_LIMIT: '20000000' });
  await catalog.sync();
  const idOf = async (mpn: string, term: string) =>
    (await catalog.one('select cmp_id from products where mpn = $1 and term = $2 limit 1', [mpn, term]))
      .cmp_id as string;
  nce = await idOf('CFQ7TTC0LH16:0001', 'P1M');
  acr = await idOf('ACR-CP-STD', 'P1M');
});
afterAll(() => catalog.stop());
beforeEach(() => catalog.published());

const send = (body: string | Uint8Array, more: object = {}) =>
  catalog.call('POST', `/v1/mappings/import?connectorId=${catalog.connectorId}`, {
    body,
    headers: { 'content-type': 'text/csv; charset=utf-8' },
    as: { sub: 'ann', roles: ['operator'] },
    ...more,
  });
const rowsOf = async (id: string, query = '') =>
  (await catalog.call('GET', `/v1/mappings/import/${id}/rows${query}`)).body.data;
const apply = (id: string, key = randomUUID() as string) =>
  catalog.call('POST', `/v1/mappings/import/${id}/apply`, {
    headers: { 'idempotency-key': key },
    as: { sub: 'bob', roles: ['operator'] },
  });
const mappings = () =>
  catalog
    .one('select count(*)::int as n from part_number_mappings where ended_at is null')
    .then(({ n }) => n as number);
const header = 'part_number,billing_period,term,product_id,action,reason';
const file = (...lines: string[]) => [header, ...lines, ''].join('\n');

it('is shown row by row before anything is mapped, and then carries out what can be', async () => {
  const sent = await send(
    file(
      `INGRAM:MICROSOFT:A,,,${nce},,first`,
      `INGRAM:MICROSOFT:B,P1M,P1M,${acr},map,`,
      'INGRAM:MICROSOFT:C,,,,exclude,not ours',
      'INGRAM:MICROSOFT:D,,,PRD999,,',
      'MICROSOFT:E,,,PRD1,,',
      'INGRAM:MICROSOFT:F,,,,,',
      'INGRAM:MICROSOFT:G,,,,unmap,',
    ),
  );
  expect(sent.status).toBe(201);
  expect(sent.body).toMatchObject({
    status: 'previewed',
    createdBy: 'ann',
    counts: { map: 2, exclude: 1, refused: 2, unchanged: 2 },
  });
  expect(await mappings()).toBe(0);
  expect(await rowsOf(sent.body.id)).toMatchObject([
    { row: 1, line: 2, outcome: 'map', product: nce, problem: null },
    { row: 2, outcome: 'map', billingPeriod: 'P1M', term: 'P1M' },
    { row: 3, outcome: 'exclude' },
    { row: 4, outcome: 'refused', problem: 'The catalogue of this connector has no product PRD999.' },
    {
      row: 5,
      outcome: 'refused',
      problem: expect.stringMatching(/does not start with INGRAM: at position 1/),
    },
    { row: 6, outcome: 'unchanged' },
    { row: 7, outcome: 'unchanged' },
  ]);

  const applied = await apply(sent.body.id);
  expect(applied.body).toMatchObject({
    status: 'applied',
    appliedBy: 'bob',
    counts: { map: 2, exclude: 1, refused: 2 },
  });
  expect((await rowsOf(sent.body.id)).map(({ applied: done }: { applied: boolean }) => done)).toEqual([
    true,
    true,
    true,
    false,
    false,
    false,
    false,
  ]);
  expect((await catalog.published()).map(({ subject, data }) => [subject, data.by, data.excluded])).toEqual([
    ['part-number-mapped', 'bob', false],
    ['part-number-mapped', 'bob', false],
    ['part-number-mapped', 'bob', true],
  ]);
  const { body } = await catalog.call(
    'GET',
    `${at('INGRAM:MICROSOFT:A')}/mapping/history?connectorId=${catalog.connectorId}`,
  );
  expect(body.data).toMatchObject([{ source: 'import', reason: 'first', mappedBy: 'bob' }]);
});

it('is applied once', async () => {
  const { body } = await send(file(`INGRAM:MICROSOFT:ONCE,,,${nce},,`));
  const key = randomUUID();
  const first = await apply(body.id, key);
  expect((await apply(body.id, key)).body).toEqual(first.body);
  const again = await apply(body.id);
  expect([again.status, codeOf(again)]).toEqual([409, 'mapping-import.already-applied']);
});

it('judges again when it is applied', async () => {
  const { body } = await send(file(`INGRAM:MICROSOFT:LATE,,,${acr},,`, `INGRAM:MICROSOFT:FINE,,,${nce},,`));
  await catalog.pool.query('update products set gone_at = now() where cmp_id = $1', [acr]);
  const applied = await apply(body.id);
  await catalog.pool.query('update products set gone_at = null where cmp_id = $1', [acr]);
  expect(applied.body.counts).toEqual({ refused: 1, map: 1 });
  expect(await rowsOf(body.id, '?outcome=refused')).toMatchObject([
    { problem: `CMP no longer lists product ${acr}.` },
  ]);
});

it('leaves nothing half done when it fails in the middle', async () => {
  const { body } = await send(file(...Array.from({ length: 1500 }, (_, n) => `INGRAM:HALF:${n},,,${nce},,`)));
  await catalog.pool.query(
    `create function refuse() returns trigger language plpgsql as $$ begin raise 'no'; end $$`,
  );
  await catalog.pool.query(
    `create trigger refuse before insert on part_number_mappings for each row when (new.part_number like '%:1400') execute function refuse()`,
  );
  expect((await apply(body.id)).status).toBe(500);
  await catalog.pool.query('drop trigger refuse on part_number_mappings');
  const { n } = await catalog.one(
    `select count(*)::int as n from part_number_mappings where part_number like 'INGRAM:HALF:%'`,
  );
  expect(n).toBe(0);
  expect((await catalog.call('GET', `/v1/mappings/import/${body.id}`)).body.status).toBe('previewed');
  expect((await apply(body.id)).body.counts).toEqual({ map: 1500 });
  expect((await catalog.published()).length).toBe(1500);
});

it('tells same rows from contradictory ones', async () => {
  const { body } = await send(
    file(
      `INGRAM:MICROSOFT:TWICE,,,${nce},,`,
      `ingram:microsoft:twice,,,${nce},,`,
      `INGRAM:MICROSOFT:BOTH,,,${nce},,`,
      `INGRAM:MICROSOFT:BOTH,,,${acr},,`,
      `INGRAM:MICROSOFT:BOTH,,P1M,${acr},,`,
    ),
  );
  expect(await rowsOf(body.id)).toMatchObject([
    { outcome: 'map' },
    { outcome: 'duplicate', problem: 'The same as row 1.' },
    { outcome: 'refused', problem: expect.stringContaining('contradict') },
    { outcome: 'refused' },
    { outcome: 'map' },
  ]);
});

it('refuses a row whose periods contradict its product', async () => {
  const annual = (
    await catalog.one(`select cmp_id from products where billing_period = 'P1Y' and term = 'P1Y' limit 1`)
  ).cmp_id;
  const { body } = await send(
    file(
      `INGRAM:MICROSOFT:LIES,P1M,,${annual},,`,
      `INGRAM:MICROSOFT:LIES,,P3Y,${annual},,`,
      `INGRAM:MICROSOFT:LIES,P12M,P1Y,${annual},,`,
      `INGRAM:MICROSOFT:LIES,,,${annual},,`,
    ),
  );
  expect(await rowsOf(body.id)).toMatchObject([
    { outcome: 'refused', problem: expect.stringContaining('billing period P1M cannot lead') },
    { outcome: 'refused', problem: expect.stringContaining('term P3Y cannot lead') },
    { outcome: 'map' },
    { outcome: 'map' },
  ]);
  expect((await apply(body.id)).body).toMatchObject({ status: 'applied', counts: { map: 2, refused: 2 } });
});

it('is one tenant’s own', async () => {
  const { body } = await send(file(`INGRAM:MICROSOFT:OWN,,,${nce},,`));
  const stranger = { tenant: randomUUID() };
  expect((await send(file(), { as: stranger })).status).toBe(404);
  for (const path of ['', '/rows']) {
    expect(
      (await catalog.call('GET', `/v1/mappings/import/${body.id}${path}`, { as: stranger })).status,
    ).toBe(404);
  }
  const foreign = await catalog.call('POST', `/v1/mappings/import/${body.id}/apply`, {
    as: stranger,
    headers: { 'idempotency-key': randomUUID() },
  });
  expect(foreign.status).toBe(404);
  const exported = await catalog.call('GET', `/v1/mappings/export?connectorId=${catalog.connectorId}`, {
    as: stranger,
  });
  expect(exported.text.trim().split('\n')).toHaveLength(1);
});
