import { requestsTo } from '@isthmus/testing';
import { OpenConnector } from '@isthmus/contracts';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import {
  goodConnector,
  secrets,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';

let started: Started;
let simulator: RunningSimulator;
let admin: Caller;
beforeAll(async () => {
  [started, simulator] = await Promise.all([
    startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes' }),
    startSimulator({ limits: { perMinute: null, perDay: null } }),
  ]);
}, startMs);
beforeEach(async () => {
  admin = await started.as('admin');
});
afterEach(() => started.neighbours.onCount(() => undefined));
afterAll(async () => {
  await started.stop();
  await simulator.close();
}, startMs);

const create = async (more: object = {}) => {
  const reply = await admin('POST', '/v1/connectors', goodConnector(more));
  expect(reply.status).toBe(201);
  return reply.body;
};
const read = async (id: string) => (await admin('GET', `/v1/connectors/${id}`)).body;
const patch = (id: string, body: object, version = 1) =>
  admin('PATCH', `/v1/connectors/${id}`, body, { 'if-match': `"${version}"` });
const elsewhere = { apiUrl: 'https://api.cloud.im/marketplace/eu', ...secrets };

describe('the account of a connector that has records', () => {
  it.each([
    ['12 accounts', { accounts: { accounts: 12 } }],
    ['3 links', { accounts: { links: 3 } }],
    ['7 live subscriptions', { accounts: { liveSubscriptions: 7 } }],
    ['8 live subscriptions', { lifecycle: { liveSubscriptions: 8 } }],
    ['900 products', { catalog: { products: 900 } }],
    ['2 mappings', { catalog: { mappings: 2 } }],
    ['4 scheduled changes', { lifecycle: { scheduledChanges: 4 } }],
    [
      '10 open orders',
      { lifecycle: { ordersPlanned: 1, ordersSending: 2, ordersUnknown: 3, ordersAccepted: 4 } },
    ],
    ['1 orders that need attention', { lifecycle: { ordersNeedingAttention: 1 } }],
  ])('does not become another when there are %s', async (what, counts) => {
    const connector = await create();
    const { id } = connector;
    started.neighbours.give(id, counts);
    for (const [field, body] of [
      ['accountId', { accountId: '1000002', name: 'Renamed' }],
      ['apiUrl', elsewhere],
    ] as const) {
      expect(await patch(id, body)).toMatchObject({
        status: 409,
        body: {
          type: 'urn:isthmus:problem:connector.has-records',
          detail: expect.stringContaining(what),
          nextStep: expect.stringMatching(
            new RegExp(`Create a second connector .* /v1/connectors/${id}/removal`),
          ),
          errors: [{ field }],
          records: { [what.replace(/^\d+ /, '')]: Number.parseInt(what) },
        },
      });
    }
    expect(await read(id)).toEqual(connector);
    expect(await started.events(admin.tenantId)).toHaveLength(1);
    // Anything else, and the same in other words, may be changed.
    const same = { accountId: ' 1000001 ', apiUrl: 'HTTPS://API.cloud.im/marketplace/./na//', ...secrets };
    expect(await patch(id, { ...same, name: `Renamed ${id}` })).toMatchObject({ status: 200 });
  });

  it.each([
    ['account-sync', { accounts: { openRuns: 2 } }],
    ['product-catalog', { catalog: { openRuns: 2 } }],
  ])('stays while runs of %s may still find some', async (_, counts) => {
    const { id } = await create();
    started.neighbours.give(id, counts);
    expect(await patch(id, { accountId: '1000002' })).toMatchObject({
      status: 409,
      body: {
        detail: expect.stringContaining('2 open sync runs'),
        nextStep: expect.stringMatching(/^Wait until its sync runs have ended, or cancel them/),
      },
    });
    started.neighbours.give(id, {});
    expect((await patch(id, { accountId: '1000002' })).body).toMatchObject({ accountId: '1000002' });
  });

  it('stays when the connector was removed and set up again: what was known of it comes back', async () => {
    const { username, password, subscriptionKey, accountId } = defaultAccounts[0];
    const working = { username, password, subscriptionKey, accountId, apiUrl: simulator.apiUrl };
    const { id } = await create(working);
    await admin('DELETE', `/v1/connectors/${id}`);
    const { version, restoredAt } = await create(working);
    expect(restoredAt).not.toBeNull();
    expect(await patch(id, { accountId: '1000002' }, version)).toMatchObject({
      status: 409,
      body: { detail: expect.stringContaining('before it was removed') },
    });
  });
});

it('nobody is given the credentials of an account while it is found out whether the connector may leave it', async () => {
  const { id } = await create();
  const open = () =>
    requestsTo(started.service).request(OpenConnector, { tenantId: admin.tenantId, connectorId: id });
  let opened: ReturnType<typeof open> | undefined;
  let settled = false;
  started.neighbours.onCount(async (connectorId) => {
    if (connectorId !== id) return;
    opened = open();
    void opened.then(() => (settled = true));
    await new Promise((later) => setTimeout(later, 500));
    expect(settled).toBe(false);
  });
  expect((await patch(id, { accountId: '1000002' })).status).toBe(200);
  expect(await opened).toMatchObject({ accountId: '1000002' });
});

it('the account stays as well when a service cannot be asked what it has; the rest may be changed', async () => {
  const { id } = await create();
  await started.neighbours.stopLast();
  for (const body of [{ accountId: '1000002' }, elsewhere]) {
    expect(await patch(id, body)).toMatchObject({
      status: 503,
      body: {
        type: 'urn:isthmus:problem:connector.dependents-unknown',
        detail: expect.stringContaining('subscription-lifecycle'),
        nextStep: expect.stringMatching(/^Try again/),
      },
    });
  }
  expect((await patch(id, { name: `Renamed ${id}` })).status).toBe(200);
});
