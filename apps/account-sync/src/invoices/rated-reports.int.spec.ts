import { randomUUID } from 'node:crypto';
import {
  problemOf,
  runAccountSync,
  type Json,
  type RunningAccountSync,
} from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let connectorId: string;
beforeAll(async () => {
  api = await runAccountSync();
  connectorId = await api.connector();
});
afterAll(() => api.stop());

it('lists the reports that were fetched, and what is wrong with those that failed', async () => {
  const failure = { code: 'report.file-broken', detail: 'It ends early.', nextStep: 'Order it anew.' };
  for (let n = 1; n <= 5; n++)
    await api.insert('rated_reports', {
      ...{
        id: randomUUID(),
        tenant_id: api.tenantId,
        connector_id: connectorId,
        cmp_id: `r-${n}`,
        name: 'Every Invoice',
      },
      ...{ generated_at: `2026-02-0${n}T00:00:00Z`, attempts: 1, read_at: '2026-03-01T00:00:00Z' },
      ...(n === 3 ? { status: 'failed', failure: JSON.stringify(failure) } : { status: 'imported', rows: n }),
      ...(n === 4 ? { unknown_charge_types: ['Goodwill'] } : {}),
    });
  const page = `/v1/rated-reports?connectorId=${connectorId}&limit=3`;
  const first = await api.call('GET', page);
  const rest = await api.call('GET', `${page}&cursor=${first.body.nextCursor}`);
  const found = [...first.body.data, ...rest.body.data];
  expect(found.map(({ cmpReportId }: Json) => cmpReportId)).toEqual(['r-5', 'r-4', 'r-3', 'r-2', 'r-1']);
  expect(found[1]).toMatchObject({ rows: 4, unknownChargeTypes: ['Goodwill'], failure: null });
  const failed = await api.call('GET', `/v1/rated-reports?connectorId=${connectorId}&status=failed`);
  expect(failed.body.data).toMatchObject([{ cmpReportId: 'r-3', failure }]);
  const stranger = await api.call('GET', '/v1/rated-reports', { as: { tenant: randomUUID() } });
  expect(stranger.body.data).toEqual([]);
});

async function importedReport(more: Record<string, unknown> = {}): Promise<string> {
  return api.insert('rated_reports', {
    ...{ id: randomUUID(), tenant_id: api.tenantId, connector_id: connectorId, cmp_id: randomUUID() },
    ...{
      name: 'Every Invoice',
      generated_at: '2026-02-01T00:00:00Z',
      attempts: 1,
      read_at: '2026-03-01T00:00:00Z',
    },
    ...{ status: 'imported', rows: 1, ...more },
  });
}

it('starts a run that reads a report once more, and joins it', async () => {
  const id = await importedReport();
  expect((await api.call('GET', `/v1/rated-reports/${id}`)).body).toMatchObject({ id, status: 'imported' });
  await api.dueRunsAnnounced();
  const reimport = (as?: object) => api.call('POST', `/v1/rated-reports/${id}/reimport`, { as });
  const first = await reimport({ roles: ['operator'] });
  expect(first).toMatchObject({
    status: 202,
    body: { scope: 'reports', depth: 'full', ratedReportId: id, joined: false, status: 'queued' },
  });
  expect(first.headers.get('location')).toBe(`/v1/sync-runs/${first.body.id}`);
  expect(await api.dueRunsAnnounced()).toBe(1);
  expect((await reimport()).body).toMatchObject({ id: first.body.id, joined: true });
  expect(problemOf(await reimport({ roles: ['viewer'] })).status).toBe(403);
});

it('reads no report once more that is not there, or is not the tenant’s, or of a paused connector', async () => {
  const foreign = await importedReport({ tenant_id: randomUUID() });
  for (const id of [randomUUID(), foreign])
    for (const [method, path] of [
      ['GET', ''],
      ['POST', '/reimport'],
    ] as const)
      expect(problemOf(await api.call(method, `/v1/rated-reports/${id}${path}`))).toMatchObject({
        ...{ status: 404, code: 'rated-report.not-found' },
      });
  expect((await api.call('POST', '/v1/rated-reports/x/reimport')).status).toBe(400);
  const paused = await importedReport({ connector_id: await api.connector({ status: 'paused' }) });
  expect(problemOf(await api.call('POST', `/v1/rated-reports/${paused}/reimport`))).toMatchObject({
    ...{ status: 409, code: 'connector.paused' },
  });
});

describe('the format of a connector’s reports', () => {
  const path = (id = connectorId) => `/v1/report-formats/${id}`;

  it('is decided by each file until it is set, and as a whole when it is', async () => {
    const undecided = { connectorId, decimalSeparator: null, dateOrder: null };
    expect((await api.call('GET', path(), { as: { roles: ['viewer'] } })).body).toEqual(undecided);
    const comma = { decimalSeparator: ',' };
    expect((await api.call('PUT', path(), { body: comma })).body).toEqual({ ...undecided, ...comma });
    const days = { dateOrder: 'day-first' };
    await api.call('PUT', path(), { body: days });
    expect((await api.call('GET', path())).body).toEqual({ ...undecided, ...days });
    expect((await api.call('PUT', path(), { body: {} })).body).toEqual(undecided);
  });

  it.each([
    [{ decimalSeparator: ';' }, ['decimalSeparator']],
    [{ dateOrder: 'year-first' }, ['dateOrder']],
    [{ decimalSeparator: 3, dateOrder: [] }, ['dateOrder', 'decimalSeparator']],
    [{ encoding: 'utf-8' }, ['encoding']],
  ])('refuses %j', async (body, fields) => {
    const { status, fields: named } = problemOf(await api.call('PUT', path(), { body }));
    expect([status, named.sort()]).toEqual([400, fields]);
  });

  it('is the tenant’s own, set by operators, also for a paused connector', async () => {
    const foreign = await api.connector({ tenant_id: randomUUID() });
    const removed = await api.connector({ status: 'removed' });
    for (const id of [foreign, removed, randomUUID()]) {
      expect(problemOf(await api.call('GET', path(id))).code).toBe('connector.not-found');
      expect(problemOf(await api.call('PUT', path(id), { body: {} })).status).toBe(404);
    }
    expect((await api.call('PUT', path(), { body: {}, as: { roles: ['viewer'] } })).status).toBe(403);
    const paused = await api.connector({ status: 'paused' });
    expect((await api.call('PUT', path(paused), { body: { dateOrder: 'month-first' } })).status).toBe(200);
  });
});
