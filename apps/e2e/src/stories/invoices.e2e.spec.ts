import { strToU8, zipSync } from 'fflate';
import { CallBudget, CmpClient } from '@isthmus/cmp-client';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { eventProbe, type EventProbe, eventually } from '@isthmus/testing';
import { connectorFields, createConnector, sync } from '../platform/acts.ts';
import type { HttpClient } from '../platform/http-client.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';

let platform: Platform;
let probe: EventProbe;
let accounts: HttpClient;
let connectorId: string;

beforeAll(async () => {
  platform = await startPlatform();
  probe = await eventProbe(platform.nats.url);
  const user = await platform.as();
  ({ accounts } = user);
  connectorId = (await createConnector(user, connectorFields(platform))).id;
  for (const scope of ['accounts', 'subscriptions'] as const)
    expect(await sync(accounts, { connectorId, scope })).toMatchObject({ status: 'succeeded' });
});
afterAll(async () => {
  await probe?.close();
  await platform?.stop();
});

const list = async (path: string) => (await accounts.get<{ data: Record<string, string>[] }>(path)).body.data;

it('imports the invoices of three months and says each', async () => {
  const run = await sync(accounts, { connectorId, scope: 'reports' });
  expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 3, failed: 0 } });
  await eventually(() => probe.of('account-sync.invoice-imported.v1').length === 3);
  const invoices = await list(`/v1/invoices?connectorId=${connectorId}`);
  expect(invoices).toHaveLength(3);
  expect(invoices[0]).toMatchObject({ currency: 'USD', balance: 'unchecked', unmatchedLines: 0 });
  const lines = await list(`/v1/invoices/${invoices[0]!.id}/lines?kind=licence`);
  const accountIds = (await list('/v1/provider-accounts?limit=200')).map(({ id }) => id);
  expect(lines).toHaveLength(50);
  for (const line of lines) {
    expect(accountIds).toContain(line.providerAccountId);
    expect(line.partNumber).toMatch(/^INGRAM:[^:]+:.+/);
  }
});

it('reads a report ordered as JSON, believes its total and lists the lines of nobody', async () => {
  const { control, apiUrl } = platform.simulator;
  await control.spoilReports({ unknownCustomers: 2, totalRow: true });
  const connection = { connectorId, apiUrl, ...defaultAccounts[0]! };
  const cmp = new CmpClient(connection, { budget: CallBudget.unlimited() });
  const startDate = new Date(Date.now() - 86_400_000).toISOString();
  await cmp.reports.create({ name: 'Every Invoice - Subscriptions', startDate, format: 'json' });
  await control.advance(5);
  const run = await sync(accounts, { connectorId, scope: 'reports' });
  expect(run).toMatchObject({ status: 'succeeded', counts: { appeared: 1, unchanged: 0, failed: 0 } });
  const balanced = await list(`/v1/invoices?connectorId=${connectorId}&balance=balanced`);
  expect(balanced).toMatchObject([{ unmatchedLines: 2, statedTotal: balanced[0]!.lineTotal }]);
  expect(await list('/v1/rated-lines?matched=false')).toMatchObject(
    [1, 2].map((n) => ({
      customerName: `Unlisted Customer ${n}`,
      unmatchedReason: 'subscription-and-customer-unknown',
      invoiceId: balanced[0]!.id,
    })),
  );
});

/** A workbook of a kilobyte whose only row has this number. */
function workbookWithRow(row: number): string {
  const relations = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships';
  const files = {
    'xl/workbook.xml': `<workbook xmlns:r="${relations}"><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`,
    'xl/_rels/workbook.xml.rels': `<Relationships><Relationship Id="rId1" Type="${relations}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>`,
    'xl/worksheets/sheet1.xml': `<worksheet><sheetData><row r="${row}"><c r="A${row}"><v>1</v></c></row></sheetData></worksheet>`,
  };
  const packed = zipSync(
    Object.fromEntries(Object.entries(files).map(([name, xml]) => [name, strToU8(xml)])),
  );
  return Buffer.from(packed).toString('base64');
}

it('finds workbooks and JSON files broken that are made to take the worker down, and the same worker goes on', async () => {
  const { control, apiUrl } = platform.simulator;
  const cmp = new CmpClient(
    { connectorId, apiUrl, ...defaultAccounts[0]! },
    { budget: CallBudget.unlimited() },
  );
  const order = async (format: 'xlsx' | 'json', days: number, verbatim: string) => {
    await control.spoilReports({ verbatim });
    const startDate = new Date(Date.now() - days * 86_400_000).toISOString();
    await cmp.reports.create({ name: 'Every Invoice - Subscriptions', startDate, format });
    await control.advance(5);
    return sync(accounts, { connectorId, scope: 'reports' });
  };
  const worker = platform.workers[0]!.pid;
  const deep = Buffer.from('['.repeat(1_000_000)).toString('base64');
  for (const [at, [format, file]] of (
    [
      ['xlsx', workbookWithRow(8_000_000)],
      ['json', deep],
    ] as const
  ).entries()) {
    const run = await order(format, at + 2, file);
    // The first is tried again by the second run.
    expect(run).toMatchObject({ status: 'succeeded', counts: { failed: at + 1, appeared: 0 } });
  }
  const [broken] = await list('/v1/rated-reports?status=failed');
  expect(broken).toMatchObject({ failure: { code: 'report.file-broken' } });
  expect(platform.workers[0]!.pid).toBe(worker);
});
