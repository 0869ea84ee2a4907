import { randomUUID } from 'node:crypto';
import { codeOf, type RunningCatalog, runProductCatalog } from '../../test/product-catalog.fixture.ts';

let catalog: RunningCatalog;
let nce: string;
beforeAll(async () => {
  catalog = await runProductCatalog({}, { IMPORT_LIMIT: '20000000' });
  await catalog.sync();
  const idOf = async (mpn: string, term: string) =>
    (await catalog.one('select cmp_id from products where mpn = $1 and term = $2 limit 1', [mpn, term]))
      .cmp_id as string;
  nce = await idOf('CFQ7TTC0LH16:0001', 'P1M');
});
afterAll(() => catalog.stop());

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
const header = 'part_number,billing_period,term,product_id,action,reason';
const file = (...lines: string[]) => [header, ...lines, ''].join('\n');

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

it('reports 100,000 rows in little memory, and carries out those that can be', async () => {
  const lines = Array.from({ length: 100_000 }, (_, n) => `INGRAM:MANY:${n},,,${n % 10 ? 'PRD000' : nce},,`);
  const before = process.memoryUsage().rss;
  let most = before;
  const watch = setInterval(() => (most = Math.max(most, process.memoryUsage().rss)), 20);
  const { body } = await send(file(...lines));
  expect(body.counts).toEqual({ map: 10_000, refused: 90_000 });
  expect((await apply(body.id)).body).toMatchObject({ status: 'applied' });
  clearInterval(watch);
  const { n } = await catalog.one(
    `select count(*)::int as n from part_number_mappings where part_number like 'INGRAM:MANY:%'`,
  );
  expect(n).toBe(10_000);
  expect((most - before) / 1_048_576).toBeLessThan(400);
});
