import type { RunningSimulator } from '../start-simulator.ts';
import { CmpUser } from '../testbed/cmp-user.fixture.spec.ts';
import { quietSimulator } from '../testbed/quiet-simulator.fixture.spec.ts';

let simulator: RunningSimulator;
let user: CmpUser;
beforeEach(async () => {
  simulator = await quietSimulator();
  user = new CmpUser(simulator);
});
afterEach(() => simulator.close());

it('ignores paging and narrows by days', async () => {
  expect((await user.get('/reports?offset=1&limit=1')).body.pagination).toEqual({
    offset: 0,
    limit: 3,
    total: 3,
  });
  const { data } = (await user.get('/reports?from=2026-02-01&to=2026-02-28')).body;
  expect(data).toMatchObject([
    {
      creationDate: '2026-02-01T00:00:00Z',
      startDate: '2026-01-01T00:00:00Z',
      status: 'completed',
      format: 'csv',
    },
  ]);
});

it('offers a signed link that works without the headers of the API only', async () => {
  const [{ downloadUrl }] = (await user.get('/reports')).body.data;
  expect((await fetch(downloadUrl, { headers: { authorization: 'Bearer x' } })).status).toBe(403);
  expect((await fetch(downloadUrl, { headers: { 'x-subscription-key': 'x' } })).status).toBe(403);
  expect((await fetch(downloadUrl.replace(/sig=.*/, 'sig=00'))).status).toBe(403);
  const file = await fetch(downloadUrl);
  expect(file.headers.get('content-type')).toContain('text/csv');
  const [head, ...rows] = (await file.text()).trim().split('\r\n');
  expect(head).toMatch(/^CUSTOMER_NAME,SUBSCRIPTION_ID,RESELLER_RESOURCE_MPN,/);
  expect(rows.length).toBeGreaterThan(100);
  expect(rows.length - new Set(rows).size).toBeGreaterThan(0);
});

it('prepares a one-time report, then offers it', async () => {
  const { body } = await user.post('/reports', {
    name: 'Every Invoice - Usage',
    startDate: '2026-02-01T00:00:00Z',
    format: 'json',
  });
  expect(body).toMatchObject({ status: 'processing', type: 'onetime' });
  expect(body.downloadUrl).toBeUndefined();
  await simulator.control.advance(100);
  const { downloadUrl, status } = (await user.get(`/reports/${body.id}`)).body;
  expect(status).toBe('completed');
  expect(await (await fetch(downloadUrl)).json()).toContainEqual(
    expect.objectContaining({ RESELLER_DETAIL_TYPE: 'Recurring' }),
  );
});

it.each([
  [{ startDate: '2026-02-01T00:00:00Z' }, 'name'],
  [{ name: 'My Own', startDate: '2026-02-01T00:00:00Z' }, 'not configured'],
  [{ name: 'Every Invoice - Usage', startDate: '2026-02-01T00:00:00Z', format: 'xlsx' }, 'csv, json'],
])('refuses %j', async (report, words) => {
  expect(await user.post('/reports', report)).toMatchObject({
    status: 400,
    body: { message: expect.stringContaining(words) },
  });
});
