import { randomUUID } from 'node:crypto';
import { runAccountSync, type Json, type RunningAccountSync } from './account-sync.fixture.spec.ts';

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
    await api.given('rated_reports', {
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
