import { randomUUID } from 'node:crypto';
import { at, codeOf, runProductCatalog, type RunningCatalog } from '../product-catalog.fixture.spec.ts';

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
}, 60_000);
afterAll(() => catalog.stop());
beforeEach(() => catalog.said());

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
      `INGRAM:MICROSOFT:B,P1M,P1Y,${acr},map,`,
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
    { row: 2, outcome: 'map', billingPeriod: 'P1M', term: 'P1Y' },
    { row: 3, outcome: 'exclude' },
    { row: 4, outcome: 'refused', problem: 'The catalogue of this connector has no product PRD999.' },
    {
      row: 5,
      outcome: 'refused',
      problem: expect.stringMatching(/does not begin with INGRAM: at position 1/),
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
  expect((await catalog.said()).map(({ subject, data }) => [subject, data.by, data.excluded])).toEqual([
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
  expect((await catalog.said()).length).toBe(1500);
});

it('tells same rows from contradictory ones', async () => {
  const { body } = await send(
    file(
      `INGRAM:MICROSOFT:TWICE,,,${nce},,`,
      `ingram:microsoft:twice,,,${nce},,`,
      `INGRAM:MICROSOFT:BOTH,,,${nce},,`,
      `INGRAM:MICROSOFT:BOTH,,,${acr},,`,
      `INGRAM:MICROSOFT:BOTH,,P1Y,${acr},,`,
    ),
  );
  expect(await rowsOf(body.id)).toMatchObject([
    { outcome: 'map' },
    { outcome: 'duplicate', problem: 'The same as row 1.' },
    { outcome: 'refused', problem: expect.stringContaining('something else') },
    { outcome: 'refused' },
    { outcome: 'map' },
  ]);
});

describe('a file that is not as it should be', () => {
  it.each<[string, string | Uint8Array, RegExp]>([
    ['another header', 'sku;product\nA;B\n', /not known/],
    ['a missing column', 'part_number\nINGRAM:M:A\n', /product_id is missing/],
    ['nothing in it', ' \n', /not known|empty/],
    ['UTF-16', Buffer.from(`\ufeff${header}\n`, 'utf16le'), /UTF-16/],
  ])('with %s is refused as a whole', async (_, body, problem) => {
    const refused = await send(body);
    expect([refused.status, codeOf(refused)]).toEqual([422, 'mapping-import.file-not-usable']);
    expect(refused.body.detail).toMatch(problem);
    expect(refused.body.nextStep).toBeTruthy();
    expect(
      await catalog.one(`select count(*)::int as n from mapping_imports where status = 'reading'`),
    ).toEqual({ n: 0 });
  });

  it('too large is refused', async () => {
    const refused = await send(`${header}\n${'x'.repeat(30_000_000)}`);
    expect([refused.status, codeOf(refused)]).toEqual([413, 'mapping-import.file-too-large']);
  });

  it('is reported by row where only rows are wrong: quoting, columns, encoding', async () => {
    const bytes = Buffer.concat([
      Buffer.from(
        `\ufeff${header}\r\nINGRAM:M:GOOD,,,${nce},,"a ""quoted"", reason"\r\nINGRAM:M:x"y,,,${nce},,\r\nINGRAM:M:SHORT,,\r\nINGRAM:M:`,
      ),
      Buffer.from([0xe4]),
      Buffer.from(
        `,,,${nce},,\r\nINGRAM:M:LAST,,,${nce},,\r\nINGRAM:M:"OPEN,,,${nce},,\r\n"INGRAM:M:NEVER CLOSED,,`,
      ),
    ]);
    const { body } = await send(bytes);
    expect(body.counts).toEqual({ map: 2, refused: 5 });
    expect(await rowsOf(body.id)).toMatchObject([
      { row: 1, line: 2, outcome: 'map', partNumber: 'INGRAM:M:GOOD' },
      { row: 2, line: 3, outcome: 'refused', problem: expect.stringMatching(/Quote/) },
      { row: 3, line: 4, outcome: 'refused', problem: expect.stringMatching(/columns length is 6, got 3/) },
      { row: 4, line: 5, outcome: 'refused', problem: expect.stringMatching(/not UTF-8/) },
      { row: 5, line: 6, outcome: 'map' },
      { row: 6, line: 7, outcome: 'refused' },
      {
        row: 7,
        outcome: 'refused',
        problem: expect.stringMatching(/Not Closed.*Nothing from the opening quote on/),
      },
    ]);
  });

  it('of another type is 415, and JSON routes take no CSV', async () => {
    expect((await send('{}', { headers: { 'content-type': 'application/xml' } })).status).toBe(415);
    expect((await send({} as never, { headers: { 'content-type': 'application/json' } })).status).toBe(422);
    const csv = { body: 'a,b', headers: { 'content-type': 'text/csv', 'idempotency-key': randomUUID() } };
    expect((await catalog.call('POST', '/v1/catalog-syncs', csv)).status).toBe(415);
  });
});

it('exports what is mapped and what waits, with formulas made harmless, and takes it back unchanged', async () => {
  const uk = await catalog.connector({}, 'uk');
  await catalog.sync(uk);
  const { cmp_id } = await catalog.one('select cmp_id from products where connector_id = $1 limit 1', [uk]);
  const send2 = (body: string) =>
    catalog.call('POST', `/v1/mappings/import?connectorId=${uk}`, {
      body,
      headers: { 'content-type': 'text/csv' },
    });
  const reasons = ['=1+1', '+1', '-1', '@SUM(A1)', 'a "quoted", one', 'plain'];
  const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
  const { body } = await send2(
    file(...reasons.map((reason, n) => `INGRAM:M:R${n},,,${cmp_id},,${quoted(reason)}`)),
  );
  await apply(body.id);

  const exported = await catalog.call('GET', `/v1/mappings/export?connectorId=${uk}`, {
    as: { roles: ['viewer'] },
  });

  expect(exported.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  const lines = exported.text.trim().split('\n');
  expect(lines).toHaveLength(reasons.length + 1);
  for (const cell of exported.text.split(/[,\n]/)) expect(cell).not.toMatch(/^"?[=+\-@\t\r]/);
  const back = await send2(exported.text);
  expect(back.body.counts).toEqual({ unchanged: reasons.length });
  const { rows } = await catalog.pool.query(
    'select reason from mapping_import_rows where import_id = $1 order by row',
    [back.body.id],
  );
  expect(rows.map(({ reason }) => reason)).toEqual(reasons);
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

it('takes 100,000 rows in little memory', async () => {
  const lines = Array.from({ length: 100_000 }, (_, n) => `INGRAM:MANY:${n},,,${n % 100 ? nce : 'PRD000'},,`);
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const started = Date.now();
  const { body } = await send(file(...lines));
  const previewed = Date.now();
  expect(body.counts).toEqual({ map: 99_000, refused: 1_000 });
  expect((await apply(body.id)).body).toMatchObject({ status: 'applied' });
  clearInterval(watch);
  const mb = Math.round((most - before) / 1_048_576);
  process.stdout.write(
    `100,000 rows: preview ${previewed - started} ms, apply ${Date.now() - previewed} ms, +${mb} MB\n`,
  );
  expect(mb).toBeLessThan(400);
}, 120_000);
