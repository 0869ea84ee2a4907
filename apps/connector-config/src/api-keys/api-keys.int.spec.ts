import { createHash } from 'node:crypto';
import { FindApiKey } from '@isthmus/contracts';
import { requestsTo } from '@isthmus/testing';
import {
  goodConnector,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';
import { ApiKeyExpiry } from './api-key-expiry.job.ts';

const dayMs = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * dayMs).toISOString();

let started: Started;
let admin: Caller;
beforeAll(async () => {
  started = await startConnectorConfig({
    CONNECTORS_PER_TENANT: '3',
    API_KEYS_PER_CONNECTOR: '4',
    API_KEYS_PER_TENANT: '6',
  });
}, startMs);
beforeEach(async () => {
  admin = await started.as('admin');
});
afterAll(() => started.stop(), startMs);

const create = async (): Promise<string> =>
  (await admin('POST', '/v1/connectors', goodConnector())).body.id as string;
const issue = (id: string, more: object = {}) =>
  admin('POST', `/v1/connectors/${id}/api-keys`, { label: 'Work 365', ...more });
const holderOf = async (key: string) => {
  const keyHash = createHash('sha256').update(key).digest('hex');
  return (await requestsTo(started.service).request(FindApiKey, { keyHash })).holder;
};
const eventsOf = async (apiKeyId: string) =>
  (await started.events(admin.tenantId)).filter(({ aggregate_id }) => aggregate_id === apiKeyId);

describe('an API key with an expiry', () => {
  it('works until then, says so, and is refused afterwards', async () => {
    const expiresAt = inDays(90);
    const { body: key } = await issue(await create(), { expiresAt });
    expect(key.expiresAt).toBe(expiresAt);
    expect(await holderOf(key.key)).toMatchObject({ apiKeyId: key.id, expiresAt });
    await started.rows(`update api_keys set expires_at = now() - interval '1 second' where id = $1`, [
      key.id,
    ]);
    expect(await holderOf(key.key)).toBeUndefined();
  });

  it('has none unless one is given', async () => {
    const { body: key } = await issue(await create());
    expect(key.expiresAt).toBeNull();
    expect(await holderOf(key.key)).not.toHaveProperty('expiresAt');
  });

  it.each(['yesterday', '2020-01-01T00:00:00Z', '2999-02-31T00:00:00Z', 5, ''])(
    'refuses %j as one',
    async (at) => {
      const { status, body } = await issue(await create(), { expiresAt: at });
      expect([status, body.errors?.[0]?.field]).toEqual([400, 'expiresAt']);
    },
  );

  it('is announced 30 and 7 days ahead, once each, by however many processes', async () => {
    const id = await create();
    const { body: far } = await issue(id, { expiresAt: inDays(31) });
    const { body: near } = await issue(id, { expiresAt: inDays(29) });
    const { body: nearer } = await issue(id, { expiresAt: inDays(5) });
    const job = started.service.get(ApiKeyExpiry);
    const announce = (now: Date) => Promise.all([1, 2, 3].map(() => job.announce(now)));
    const announced = async (key: { id: string }) =>
      (await eventsOf(key.id)).map(({ subject, version, data }) => [subject, version, data.withinDays]);
    const subject = 'connector-config.api-key-expiry-announced.v1';

    await announce(new Date());
    await announce(new Date());
    expect(await announced(far)).toEqual([]);
    expect(await announced(near)).toEqual([[subject, 1, 30]]);
    expect(await announced(nearer)).toEqual([[subject, 2, 7]]);

    await announce(new Date(Date.now() + 23 * dayMs));
    expect(await announced(far)).toEqual([[subject, 1, 30]]);
    expect(await announced(near)).toEqual([
      [subject, 1, 30],
      [subject, 2, 7],
    ]);
    expect(await announced(nearer)).toHaveLength(1);

    await admin('DELETE', `/v1/connectors/${id}/api-keys/${far.id}`);
    await announce(new Date(Date.now() + 28 * dayMs));
    expect((await announced(far)).filter(([is]) => is === subject)).toHaveLength(1);
  });
});

it('the revocation of an API key is an event', async () => {
  const id = await create();
  const { body: key } = await issue(id);
  await admin('DELETE', `/v1/connectors/${id}/api-keys/${key.id}`);
  expect(await eventsOf(key.id)).toMatchObject([
    {
      subject: 'connector-config.api-key-revoked.v1',
      data: { apiKeyId: key.id, connectorId: id, label: 'Work 365', by: admin.subject },
    },
  ]);
});

describe('how many there may be', () => {
  const statuses = (replies: { status: number }[]) =>
    replies.map(({ status }) => status).sort((one, other) => one - other);

  it('API keys of a connector and of a tenant, however many are asked for at once', async () => {
    const [one, two] = [await create(), await create()];
    const both = await Promise.all(
      [one, two].map((id) => Promise.all(Array.from({ length: 9 }, () => issue(id)))),
    );
    const issued = both.map((replies) => replies.filter(({ status }) => status === 201).length);
    expect(issued[0]! + issued[1]!).toBe(6);
    expect(Math.max(...issued)).toBeLessThanOrEqual(4);
    const many = both.flat();
    const refused = many.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({ type: 'urn:isthmus:problem:api-key.too-many' });

    await started.rows('update api_keys set expires_at = now() where connector_id = $1', [one]);
    await started.rows('update api_keys set revoked_at = now() where connector_id = $1', [two]);
    const again = [await issue(one), await issue(one), await issue(one), await issue(one), await issue(one)];
    expect(again.map(({ status }) => status)).toEqual([201, 201, 201, 201, 409]);
    expect(again[4]!.body.detail).toContain('connector');
    const others = [await issue(two), await issue(two), await issue(two)];
    expect(others.map(({ status }) => status)).toEqual([201, 201, 409]);
    expect(others[2]!.body.detail).toContain('tenant');
  });

  it('connectors of a tenant, however many are asked for at once; removed ones do not count', async () => {
    const many = await Promise.all(
      Array.from({ length: 9 }, () => admin('POST', '/v1/connectors', goodConnector())),
    );
    expect(statuses(many)).toEqual([201, 201, 201, ...Array(6).fill(409)]);
    const refused = many.find(({ status }) => status === 409)!;
    expect(refused.body).toMatchObject({ type: 'urn:isthmus:problem:connector.too-many' });
    const { id } = many.find(({ status }) => status === 201)!.body;
    expect((await admin('DELETE', `/v1/connectors/${id}`)).status).toBe(204);
    expect((await admin('POST', '/v1/connectors', goodConnector({ accountId: '7' }))).status).toBe(201);
  });
});
