import { randomUUID } from 'node:crypto';
import { Decimal } from '@isthmus/domain';
import { inTransaction } from '@isthmus/service-kit';
import fc from 'fast-check';
import { usualFormat } from '../report-file/report-format.ts';
import { ColumnMap } from '../report-file/rated-vocabulary.ts';
import { readRatedRow } from '../report-file/rated-row.ts';
import { finalizeReport } from './finalize-report.service.ts';
import { stageRows } from './staged-rows.store.ts';
import { startSyncing, type Syncing } from '../../../test/syncing.fixture.ts';

let sync: Syncing;
beforeAll(async () => {
  sync = await startSyncing();
});
afterAll(() => sync.stop());

// Few values, so that equal rows are common.
const rows = fc.array(
  fc.record({
    CUSTOMER_NAME: fc.constantFrom('Contoso', ''),
    SUBSCRIPTION_ID: fc.constantFrom('1', '2'),
    RESELLER_INVOICE_NUMBER: fc.constantFrom('INV1', 'INV2', ''),
    RESELLER_DETAIL_TOTAL: fc.constantFrom('1.10', '1.1', '-2.35', '70000'),
    LINE_NO: fc.constantFrom('', '1', '2'),
  }),
  { minLength: 1, maxLength: 40, size: 'max' },
);
type Rows = Record<string, string>[];

let made = 0;
const settings = {
  columns: new ColumnMap(),
  lineKinds: {},
  currency: 'USD',
  unbilledKey: 'unbilled:usage',
  format: usualFormat,
};

/** One report after the other, each made later than the one before. */
async function importRows(
  run: { id: string; tenantId: string; connectorId: string },
  raw: Rows,
  rows = raw.length,
) {
  const id = randomUUID();
  const report = {
    id,
    cmpId: id,
    name: 'Every Invoice',
    generatedAt: new Date(Date.UTC(2026, 0, 1, 0, 0, (made += 1))),
  };
  const asOf = report.generatedAt.toISOString();
  const tolerance = { perLine: '0.01', atMost: '1.00' };
  return inTransaction(sync.pool, async (client) => {
    await stageRows(
      client,
      run,
      raw.map((row, at) => readRatedRow(row, at + 1, settings)),
    );
    const { currency, unbilledKey } = settings;
    return finalizeReport(client, { run, report, rows, currency, unbilledKey, tolerance, asOf });
  });
}

const linesOf = async (connectorId: string) =>
  (
    await sync.pool.query(
      `select l.id, d.number, l.total::text as total from rated_lines l join rated_documents d on d.id = l.document_id
       where l.connector_id = $1 order by l.id`,
      [connectorId],
    )
  ).rows;

/** What is to be left: each different row once, and of each document its last report. */
function expected(...reports: Rows[]): string[] {
  const documents = new Map<string, string[]>();
  for (const report of reports) {
    const inThis = new Map<string, Set<string>>();
    for (const row of report) {
      const key = row.RESELLER_INVOICE_NUMBER || 'usage';
      const told = JSON.stringify({
        ...row,
        RESELLER_DETAIL_TOTAL: Decimal.canonical(row.RESELLER_DETAIL_TOTAL!),
      });
      inThis.set(key, (inThis.get(key) ?? new Set()).add(told));
    }
    for (const [key, told] of inThis)
      documents.set(
        key,
        [...told].map((row) => `${key} ${(JSON.parse(row) as Record<string, string>).RESELLER_DETAIL_TOTAL}`),
      );
  }
  return [...documents.values()].flat().sort();
}

it('keeps the sum of what it read, whatever came before, and nothing twice', async () => {
  await fc.assert(
    fc.asyncProperty(rows, rows, async (first, second) => {
      const connectorId = randomUUID();
      const run = { id: randomUUID(), tenantId: randomUUID(), connectorId };
      const shown = async () =>
        (await linesOf(connectorId))
          .map(({ number, total }) => `${number} ${Decimal.canonical(total)}`)
          .sort();

      const news = await importRows(run, first);
      expect(await shown()).toEqual(expected(first));
      expect(news.counts?.unchanged).toBe(0);

      const before = await linesOf(connectorId);
      const again = await importRows(run, first);
      expect(await linesOf(connectorId)).toEqual(before);
      expect(again).toMatchObject({ events: [], counts: { appeared: 0, changed: 0 } });

      await importRows(run, second);
      expect(await shown()).toEqual(expected(first, second));
      for (const { key, told, lines } of (
        await sync.pool.query(
          `select d.number as key, d.line_total::text as told, array_agg(l.total::text) as lines
           from rated_documents d join rated_lines l on l.document_id = d.id where d.connector_id = $1 group by d.id`,
          [connectorId],
        )
      ).rows)
        expect({ key, told: Decimal.canonical(told) }).toEqual({
          key,
          told: Decimal.canonical(Decimal.sum(lines)),
        });
    }),
    { numRuns: 30 },
  );
});

it('settles nothing when a part of what was gathered is gone', async () => {
  const run = { id: randomUUID(), tenantId: randomUUID(), connectorId: randomUUID() };
  const raw = [{ CUSTOMER_NAME: 'Contoso', RESELLER_DETAIL_TOTAL: '1' }];
  await expect(importRows(run, raw, 2)).rejects.toMatchObject({ code: 'report.rows-lost' });
  expect(await linesOf(run.connectorId)).toEqual([]);
  expect((await importRows(run, raw)).counts).toMatchObject({ appeared: 1 });
});
