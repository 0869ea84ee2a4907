import { randomUUID } from 'node:crypto';
import { runAccountSync, type RunningAccountSync } from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let connectorId: string;
let account: string;
beforeAll(async () => {
  api = await runAccountSync();
});
afterAll(() => api.stop());
beforeEach(async () => {
  connectorId = await api.connector();
  account = await api.account(connectorId);
});

const cmpId = '1300001';
const subscription = (more: Record<string, unknown> = {}) =>
  api.subscription(connectorId, account, { cmp_id: cmpId, ...more });

const seatsOf = async (id: string) => {
  const { body } = await api.call('GET', `/v1/provider-subscriptions/${id}`);
  const listed = await api.call('GET', `/v1/provider-accounts/${account}/subscriptions`);
  for (const { seats, quantity } of listed.body.data)
    expect({ seats, quantity }).toEqual({ seats: body.seats, quantity: body.quantity });
  return { seats: body.seats, quantity: body.quantity };
};

async function document(generated: string): Promise<string> {
  const owner = { tenant_id: api.tenantId, connector_id: connectorId };
  return api.insert('rated_documents', {
    ...{ ...owner, id: randomUUID(), kind: 'invoice', number: `INV ${generated}`, currency: 'USD' },
    ...{ line_total: '10.50', balance: 'unchecked', lines: 1, unmatched_lines: 0, repeated_rows: 0 },
    ...{ report_id: randomUUID(), generated_at: generated, created_at: generated, changed_at: generated },
  });
}

const charge = (document_id: string, quantity: string, more: Record<string, unknown> = {}) =>
  api.insert('rated_lines', {
    ...{ id: randomUUID(), tenant_id: api.tenantId, connector_id: connectorId, document_id, row_no: 1 },
    ...{ kind: 'licence', customer_name: 'Contoso', description: 'Basic', charge_type: 'Recurring' },
    ...{ cmp_subscription_id: cmpId, charge_start: '2026-02-01', content: randomUUID() },
    ...{ quantity, total: '10.50', currency: 'USD', ...more },
  });

it('are those of the newest charged period while the subscription has not been read, and say so', async () => {
  const id = await subscription();
  expect(await seatsOf(id)).toEqual({ quantity: null, seats: null });
  const [january, february] = [
    await document('2026-02-01T00:00:00Z'),
    await document('2026-03-01T00:00:00Z'),
  ];
  await charge(january, '3', { charge_start: '2026-01-01' });
  await charge(february, '5');
  await charge(february, '2', { mpn: 'another product', charge_type: 'RECURRING_CHARGE' });
  expect(await seatsOf(id)).toEqual({
    quantity: null,
    seats: {
      quantity: 7,
      certainty: 'provisional',
      source: 'rated-report',
      asOf: '2026-02-01T00:00:00.000Z',
    },
  });
});

it('count a charge once that is in two documents', async () => {
  const id = await subscription();
  for (const generated of ['2026-03-01T00:00:00Z', '2026-03-02T00:00:00Z'])
    await charge(await document(generated), '5');
  expect((await seatsOf(id)).seats).toMatchObject({ quantity: 5, certainty: 'provisional' });
});

it.each([
  ['refunds', { quantity: '-1' }],
  ['usage', { kind: 'usage', charge_type: 'Resource Overusage' }],
  ['added seats', { charge_type: 'upgrade' }],
  ['parts of a seat', { quantity: '0.5' }],
  ['other subscriptions', { cmp_subscription_id: '1300002' }],
  ['other tenants', { tenant_id: randomUUID() }],
])('are not taken from %s', async (_, more) => {
  const id = await subscription();
  await charge(await document('2026-03-01T00:00:00Z'), '4', more);
  expect(await seatsOf(id)).toEqual({ quantity: null, seats: null });
});

it('give way to what was read, and are none of one that ended', async () => {
  const read = await subscription({ quantity: 9, lines: '[]', detail_confirmed_at: '2026-03-05T00:00:00Z' });
  await charge(await document('2026-03-01T00:00:00Z'), '4');
  expect(await seatsOf(read)).toEqual({
    quantity: 9,
    seats: { quantity: 9, certainty: 'confirmed', source: 'subscription', asOf: '2026-03-05T00:00:00.000Z' },
  });
  const ended = await subscription({ cmp_id: 's-ended', status: 'terminated' });
  await charge(await document('2026-03-01T00:00:00Z'), '4', { cmp_subscription_id: 's-ended' });
  const { body } = await api.call('GET', `/v1/provider-subscriptions/${ended}`);
  expect(body).toMatchObject({ status: 'terminated', seats: null });
});

it('are listed alone on request: what has not been read, or what has', async () => {
  const unread = await subscription();
  const read = await subscription({ cmp_id: 's-read', quantity: 9, lines: '[]' });
  await subscription({ cmp_id: 's-ended', status: 'terminated' });
  const idsOf = async (query: string) => {
    const { body } = await api.call('GET', `/v1/provider-subscriptions?connectorId=${connectorId}${query}`);
    return body.data.map(({ id }: { id: string }) => id);
  };
  expect(await idsOf('&unread=true')).toEqual([unread]);
  expect(await idsOf('&unread=false')).toEqual([read]);
  expect((await idsOf('')).toSorted()).toEqual([unread, read].toSorted());
});
