import { requestsTo } from '@isthmus/testing';
import { createHash } from 'node:crypto';
import { FindApiKey, ReadConnector } from '@isthmus/contracts';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import {
  goodConnector,
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
afterAll(async () => {
  await started.stop();
  await simulator.close();
}, startMs);

const noWaiting = { perMinute: 100_000, perDay: 1_000_000 };
/** Settings that the simulator accepts. */
const working = (more: object = {}) => {
  const { username, password, subscriptionKey, accountId } = defaultAccounts[0];
  const good = { username, password, subscriptionKey, accountId, apiUrl: simulator.apiUrl };
  return goodConnector({ ...good, callLimit: noWaiting, ...more });
};
const create = async (more: object = {}, caller = admin) => {
  const reply = await caller('POST', '/v1/connectors', working(more));
  expect(reply.status).toBe(201);
  return reply.body;
};
const remove = (id: string, query = '') => admin('DELETE', `/v1/connectors/${id}${query}`);
const preview = async (id: string) => (await admin('GET', `/v1/connectors/${id}/removal`)).body;
const removed = async () =>
  (await started.events(admin.tenantId)).filter(({ subject }) => subject.endsWith('connector-removed.v1'));
const gives = (id: string, counts: Parameters<Started['neighbours']['give']>[1]) =>
  started.neighbours.give(id, counts);

describe('removing a connector', () => {
  it('on which nothing depends needs no word', async () => {
    const { id } = await create();
    expect(await preview(id)).toMatchObject({
      connectorId: id,
      accounts: 0,
      needs: 'nothing',
      notCounted: [],
    });
    expect((await remove(id)).status).toBe(204);
    expect(await removed()).toMatchObject([{ data: { connectorId: id, by: admin.subject } }]);
  });

  it('that is in use shows what depends on it, and is done when that is confirmed', async () => {
    const { id } = await create();
    await admin('POST', `/v1/connectors/${id}/api-keys`, { label: 'Work 365' });
    gives(id, {
      accounts: { accounts: 120, links: 80, contracts: 81, liveSubscriptions: 400, openRuns: 1 },
      catalog: { products: 900, mappings: 17 },
      lifecycle: { liveSubscriptions: 402, scheduledChanges: 3, ordersPlanned: 2, ordersNeedingAttention: 4 },
    });
    const counts = {
      accounts: 120,
      links: 80,
      contracts: 81,
      liveSubscriptions: 402,
      scheduledChanges: 3,
      openRuns: 1,
      products: 900,
      mappings: 17,
      apiKeys: 1,
      openOrders: { planned: 2, sending: 0, unknown: 0, accepted: 0, needingAttention: 4 },
      needs: 'confirm',
    };
    expect(await preview(id)).toMatchObject(counts);
    const refused = await remove(id);
    expect(refused).toMatchObject({
      status: 409,
      body: {
        type: 'urn:isthmus:problem:connector.in-use',
        detail: expect.stringMatching(/120 accounts, 402 live subscriptions/),
        nextStep: expect.stringContaining('?confirm=true'),
        removal: counts,
      },
    });
    expect((await remove(id, '?confirm=false')).status).toBe(409);
    expect((await remove(id, '?confirm=perhaps')).status).toBe(400);
    expect(await removed()).toEqual([]);
    expect((await remove(id, '?confirm=true')).status).toBe(204);
    expect(await removed()).toHaveLength(1);
  });

  it.each([{ accounts: { links: 1 } }, { catalog: { mappings: 1 } }, { lifecycle: { scheduledChanges: 1 } }])(
    'asks for a word even for %p',
    async (counts) => {
      const { id } = await create();
      gives(id, counts);
      expect((await remove(id)).status).toBe(409);
    },
  );

  it.each(['ordersSending', 'ordersUnknown', 'ordersAccepted'])(
    'is refused while there are %s, unless it is forced',
    async (status) => {
      const { id } = await create();
      gives(id, { lifecycle: { [status]: 1 } });
      for (const query of ['', '?confirm=true']) {
        expect(await remove(id, query)).toMatchObject({
          status: 409,
          body: {
            type: 'urn:isthmus:problem:connector.orders-under-way',
            nextStep: expect.stringContaining('?force=true'),
          },
        });
      }
      expect((await remove(id, '?force=true')).status).toBe(204);
      expect(await removed()).toMatchObject([{ data: { forced: true } }]);
    },
  );

  it('destroys its secrets and API keys at once', async () => {
    const { id } = await create();
    await admin('PATCH', `/v1/connectors/${id}`, { password: 'another' }, { 'if-match': '"1"' });
    const keys = `/v1/connectors/${id}/api-keys`;
    const [one, two] = [
      (await admin('POST', keys, { label: 'one' })).body,
      (await admin('POST', keys, { label: 'two' })).body,
    ];
    await admin('DELETE', `${keys}/${two.id}`);
    expect((await remove(id, '?confirm=true')).status).toBe(204);
    expect(
      await started.rows('select 1 from connector_secrets where connector_id = $1 and sealed is not null', [
        id,
      ]),
    ).toEqual([]);
    const dump = await started.dump();
    for (const { key } of [one, two]) {
      const keyHash = createHash('sha256').update(key).digest('hex');
      expect(dump).not.toContain(keyHash);
      expect(await requestsTo(started.service).request(FindApiKey, { keyHash })).toEqual({});
    }
    const question = { tenantId: admin.tenantId, connectorId: id };
    expect(await requestsTo(started.service).request(ReadConnector, question)).toEqual({});
    for (const path of ['', '/removal', '/api-keys', '/partner-attestation'])
      expect((await admin('GET', `/v1/connectors/${id}${path}`)).status).toBe(404);
    expect((await remove(id, '?force=true')).status).toBe(404);
  });
});

describe('creating a removed connector again', () => {
  const again = (more: object = {}, caller = admin) => caller('POST', '/v1/connectors', working(more));

  it('takes up the archived one with its id, after its credentials were verified; API keys have to be made anew', async () => {
    const first = await create({
      name: 'Ingram',
      fieldNames: 'PascalCase',
      termOfFrequency: { annual: 'P1Y' },
    });
    const path = `/v1/connectors/${first.id}`;
    const attested = (await admin('PUT', `${path}/partner-attestation`)).body;
    await admin('POST', `${path}/api-keys`, { label: 'Work 365' });
    await remove(first.id, '?confirm=true');

    const odd = simulator.apiUrl.replace('/marketplace', '/x/../MARKETPLACE'.toLowerCase());
    const reply = await again({ name: 'Ingram, again', apiUrl: `${odd}//` });
    expect(reply).toMatchObject({
      status: 201,
      body: {
        id: first.id,
        name: 'Ingram, again',
        apiUrl: first.apiUrl,
        fieldNames: 'PascalCase',
        termOfFrequency: { annual: 'P1Y' },
        partnerAttestation: attested,
        status: 'active',
        verification: { ok: true },
        createdAt: first.createdAt,
        restoredAt: expect.stringMatching(/Z$/),
        sameAccountAs: [],
      },
    });
    expect(reply.headers.get('location')).toBe(path);
    expect(reply.body.version).toBeGreaterThan(first.version);
    expect((await admin('GET', path)).body).toEqual(reply.body);
    expect((await admin('GET', `${path}/api-keys`)).body.data).toEqual([]);
    const events = await started.events(admin.tenantId);
    expect(events.at(-1)).toMatchObject({
      subject: 'connector-config.connector-created.v1',
      aggregate_id: first.id,
      version: reply.body.version,
      data: { connectorId: first.id, restored: true, status: 'active', version: reply.body.version },
    });
    expect(events[0].data.restored).toBeUndefined();
    const verified = await admin('POST', `${path}/verify`);
    expect(verified.body.ok).toBe(true);
  });

  it('is refused while CMP does not accept the credentials for that account, and nothing changes', async () => {
    const { id } = await create();
    await remove(id);
    const before = await started.events(admin.tenantId);
    for (const [more, field] of [
      [{ password: 'guessed' }, 'password'],
      [{ subscriptionKey: '0'.repeat(32) }, 'subscriptionKey'],
      [{ currency: 'EUR' }, 'currency'],
      [{ country: 'DE' }, 'country'],
    ] as const) {
      expect(await again(more)).toMatchObject({
        status: 422,
        body: {
          type: 'urn:isthmus:problem:connector.restore-not-verified',
          detail: expect.stringContaining(id),
          nextStep: expect.stringMatching(/create it again\.$/),
          errors: [{ field }],
        },
      });
    }
    expect(await started.events(admin.tenantId)).toEqual(before);
    expect((await admin('GET', '/v1/connectors')).body.data).toEqual([]);
  });

  it('for another account, at another address or in another tenant makes a new one', async () => {
    const { id } = await create();
    await remove(id);
    const stranger = await started.as('admin');
    const others = [
      await again({ accountId: '4711' }),
      await again({ apiUrl: `${simulator.apiUrl}/other` }),
      await again({}, stranger),
    ];
    for (const { status, body } of others) {
      expect([status, body.restoredAt, body.sameAccountAs]).toEqual([201, null, []]);
      expect(body.id).not.toBe(id);
    }
    expect((await again()).body.id).toBe(id);
  });

  it('happens once when it is asked for several times at once', async () => {
    const { id } = await create({ name: 'One' });
    await remove(id);
    const replies = await Promise.all(Array.from({ length: 4 }, () => again({ name: 'One' })));
    expect(replies.map(({ status }) => String(status)).sort()).toEqual(['201', '409', '409', '409']);
    const data = (await admin('GET', '/v1/connectors')).body.data;
    expect(data).toMatchObject([{ id }]);
  });

  it('can be done more than once, and under a name that was free meanwhile', async () => {
    const { id } = await create({ name: 'Taken' });
    for (let times = 0; times < 2; times++) {
      await remove(id);
      expect((await again({ name: 'Taken' })).body.id).toBe(id);
    }
    await remove(id);
    await create({ name: 'Taken', accountId: '4711' });
    expect(await again({ name: 'taken' })).toMatchObject({
      status: 409,
      body: { errors: [{ field: 'name' }] },
    });
    expect((await again({ name: 'Free' })).body.id).toBe(id);
  });
});

describe('a second live connector for the same account', () => {
  it('is reported on both, and never to another tenant', async () => {
    const stranger = await started.as('admin');
    await create({}, stranger);
    const one = await create({ name: 'One' });
    expect(one.sameAccountAs).toEqual([]);
    const two = await create({ name: 'Two', apiUrl: `${simulator.apiUrl.replace('http:', 'HTTP:')}/.//` });
    expect(two.sameAccountAs).toEqual([{ id: one.id, name: 'One' }]);
    const other = await create({ name: 'Zwei', accountId: '4711' });
    expect(other.sameAccountAs).toEqual([]);
    const listed = (await admin('GET', '/v1/connectors')).body.data;
    const same = listed.map(({ name, sameAccountAs }: { name: string; sameAccountAs: object[] }) => [
      name,
      sameAccountAs,
    ]);
    expect(same).toEqual([
      ['One', [{ id: two.id, name: 'Two' }]],
      ['Two', [{ id: one.id, name: 'One' }]],
      ['Zwei', []],
    ]);
    const moved = await admin(
      'PATCH',
      `/v1/connectors/${two.id}`,
      { accountId: '4711' },
      { 'if-match': '"1"' },
    );
    expect(moved.body.sameAccountAs).toEqual([{ id: other.id, name: 'Zwei' }]);
    await remove(other.id);
    expect((await admin('GET', `/v1/connectors/${two.id}`)).body.sameAccountAs).toEqual([]);
  });
});

it('a service that cannot be asked what depends on a connector holds its removal back, unless it is forced', async () => {
  const { id } = await create();
  await started.neighbours.stopLast();
  expect(await preview(id)).toMatchObject({
    liveSubscriptions: 0,
    openOrders: null,
    scheduledChanges: null,
    notCounted: ['subscription-lifecycle'],
    needs: 'force',
  });
  for (const query of ['', '?confirm=true']) {
    expect(await remove(id, query)).toMatchObject({
      status: 503,
      body: {
        type: 'urn:isthmus:problem:connector.dependents-unknown',
        nextStep: expect.stringContaining('?force=true'),
        removal: { notCounted: ['subscription-lifecycle'] },
      },
    });
  }
  expect((await remove(id, '?force=true')).status).toBe(204);
  expect(await removed()).toMatchObject([{ data: { connectorId: id, forced: true } }]);
});
