import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import { freePort } from '@isthmus/testing';
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
let viewer: Caller;
beforeAll(async () => {
  [started, simulator] = await Promise.all([
    startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes' }),
    startSimulator({ limits: { perMinute: 12, perDay: null } }),
  ]);
}, startMs);
beforeEach(async () => {
  admin = await started.as('admin');
  viewer = await started.as('viewer', admin.tenantId);
});
afterAll(async () => {
  await started.stop();
  await simulator.close();
}, startMs);

const create = async (account: number, more: object = {}): Promise<string> => {
  const { username, password, subscriptionKey, accountId } = defaultAccounts[account]!;
  const apiUrl = simulator.apiUrl;
  const body = goodConnector({ username, password, subscriptionKey, accountId, apiUrl, ...more });
  return (await admin('POST', '/v1/connectors', body)).body.id;
};
const budgetOf = async (id: string) => (await viewer('GET', `/v1/connectors/${id}/budget`)).body;

describe('the call budget', () => {
  it('is that of the subscription key: connectors with the same key share it, those with another do not', async () => {
    const callLimit = { perMinute: 40, perDay: 900 };
    const [one, same, other] = [
      await create(0, { callLimit }),
      await create(0, { callLimit: { perMinute: 30, perDay: null } }),
      await create(1, { subscriptionKey: '0123456789abcdef0123456789abcdef' }),
    ];
    expect(await budgetOf(one)).toMatchObject({ usedToday: 0, refusedToday: 0, resetsAt: null });
    const verified = await admin('POST', `/v1/connectors/${one}/verify`);
    expect(verified.body.ok).toBe(true);

    const now = Date.now();
    const budget = await budgetOf(one);
    expect(budget).toMatchObject({ perMinute: 40, perDay: 900, refusedToday: 0, closedUntil: null });
    expect(budget.usedToday).toBeGreaterThanOrEqual(3);
    expect(budget.usedLastMinute).toBe(budget.usedToday);
    expect(Date.parse(budget.resetsAt) - now).toBeGreaterThan(23.9 * 3_600_000);
    expect(budget.lanes.map(({ lane, perDay }: { lane: string; perDay: number }) => [lane, perDay])).toEqual([
      ['order', 900],
      ['interactive', 882],
      ['sync', 810],
      ['scrub', 540],
    ]);
    const shared = await budgetOf(same);
    expect([shared.perMinute, shared.perDay, shared.usedToday]).toEqual([30, null, budget.usedToday]);
    expect((await budgetOf(other)).usedToday).toBe(0);
  });

  it('says when CMP refuses calls, how often it did, and until when none are made', async () => {
    const id = await create(0, { callLimit: { perMinute: 1_000, perDay: null } });
    for (let i = 0; i < 12 && (await budgetOf(id)).refusedToday === 0; i++)
      await admin('POST', `/v1/connectors/${id}/verify`);
    const { refusedToday, closedUntil, perMinute, lanes } = await budgetOf(id);
    expect(refusedToday).toBeGreaterThanOrEqual(1);
    expect(Date.parse(closedUntil)).toBeGreaterThan(Date.now());
    expect(perMinute).toBeLessThan(1_000);
    expect(lanes[0]).toMatchObject({ lane: 'order', heldBackBy: 'closed', until: closedUntil });
  });

  it('is neither shown to another tenant nor does its answer contain the key', async () => {
    const id = await create(0);
    const stranger = await started.as('admin');
    expect((await stranger('GET', `/v1/connectors/${id}/budget`)).status).toBe(404);
    expect((await viewer('GET', '/v1/connectors/no-uuid/budget')).status).toBe(400);
    const text = JSON.stringify(await budgetOf(id));
    expect(text).not.toContain(defaultAccounts[0].subscriptionKey);
  });

  it('is a problem with a next step while NATS, which has it, is not there', async () => {
    const nowhere = `nats://127.0.0.1:${await freePort()}`;
    const alone = await startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes', NATS_URL: nowhere });
    try {
      const caller = await alone.as('admin');
      const { id } = (await caller('POST', '/v1/connectors', goodConnector())).body;
      const { status, body } = await caller('GET', `/v1/connectors/${id}/budget`);
      expect([status, body.type]).toEqual([503, 'urn:isthmus:problem:connector.budget-unknown']);
      expect(body.nextStep).toContain('Try again');
    } finally {
      await alone.stop();
    }
  });
});

describe('the history', () => {
  const historyOf = async (id: string, query = '') =>
    (await viewer('GET', `/v1/connectors/${id}/history${query}`)).body;
  const actions = ({ data }: { data: { action: string }[] }) => data.map(({ action }) => action);

  it('has what was done to the connector and to its keys, by whom, newest first, in pages', async () => {
    const id = await create(0);
    const path = `/v1/connectors/${id}`;
    await admin('PATCH', path, { name: 'Renamed', password: 'Other-1' }, { 'if-match': '"1"' });
    const operator = await started.as('operator', admin.tenantId);
    await operator('POST', `${path}/pause`, { reason: 'Moving house.' });
    await operator('POST', `${path}/resume`);
    const key = (await admin('POST', `${path}/api-keys`, { label: 'Work 365' })).body;
    await admin('DELETE', `${path}/api-keys/${key.id}`);
    const other = await create(0);
    await admin('POST', `/v1/connectors/${other}/api-keys`, { label: 'Of another one' });

    const history = await historyOf(id);
    expect(actions(history)).toEqual([
      'api-key.revoke',
      'api-key.issue',
      'connector.resume',
      'connector.pause',
      'connector.update',
      'connector.create',
    ]);
    expect(history.data[0]).toMatchObject({
      ...{ by: admin.subject, thingId: key.id, after: null },
      before: { label: 'Work 365', prefix: key.prefix },
    });
    expect(history.data[3]).toMatchObject({ by: operator.subject, reason: 'Moving house.', thingId: id });
    expect(history.data[4]).toMatchObject({
      before: { name: expect.any(String) },
      after: { name: 'Renamed', password: 'changed' },
    });
    expect(JSON.stringify(history)).not.toContain('Other-1');

    const seen: string[] = [];
    for (let cursor = ''; ;) {
      const page = await historyOf(id, `?limit=4${cursor}`);
      seen.push(...actions(page));
      if (page.nextCursor === null) break;
      cursor = `&cursor=${page.nextCursor}`;
    }
    expect(seen).toEqual(actions(history));
    const pausedAt = history.data[3].at;
    const before = await historyOf(id, `?to=${encodeURIComponent(pausedAt)}`);
    expect(actions(before)).toEqual(actions(history).slice(4));
    expect((await viewer('GET', `${path}/history?to=yesterday`)).status).toBe(400);
    expect((await viewer('GET', `${path}/history?cursor=W10`)).status).toBe(400);
  });

  it('is not shown to another tenant', async () => {
    const id = await create(0);
    const stranger = await started.as('admin');
    expect((await stranger('GET', `/v1/connectors/${id}/history`)).status).toBe(404);
  });
});
