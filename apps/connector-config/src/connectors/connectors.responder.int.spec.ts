import { createHash, randomUUID } from 'node:crypto';
import { credentialContext, FindApiKey, OpenConnector, PauseConnector } from '@isthmus/contracts';
import { KeyRing, KeyRotation, open } from '@isthmus/service-kit';
import { eventually, requestsTo } from '@isthmus/testing';
import {
  goodConnector,
  ringOf,
  secrets,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';

let started: Started;
let admin: Caller;
let requests: ReturnType<typeof requestsTo>;
beforeAll(async () => {
  started = await startConnectorConfig({ SECRET_RING: ringOf('k0', 'k1') });
  requests = requestsTo(started.service);
}, startMs);
beforeEach(async () => {
  admin = await started.as('admin');
});
afterAll(() => started.stop(), startMs);

const create = async (more: object = {}) =>
  (await admin('POST', '/v1/connectors', { ...goodConnector(), ...more })).body;
const deadline = { deadlineMs: 5000 };
const openConnector = (connectorId: string, tenantId = admin.tenantId) =>
  requests.request(OpenConnector, { tenantId, connectorId }, deadline);

/** What account-sync does with the answer. */
function credentials(opened: Awaited<ReturnType<typeof openConnector>>, ring: string) {
  const { sealed } = opened;
  const context = { ...opened, tenantId: admin.tenantId };
  const reveal = (field: 'password' | 'subscriptionKey', version: number) =>
    open(KeyRing.parse(ring), sealed[field], credentialContext(context, field, version)).reveal();
  return {
    password: reveal('password', sealed.passwordVersion),
    subscriptionKey: reveal('subscriptionKey', sealed.subscriptionKeyVersion),
  };
}

describe('OpenConnector', () => {
  it('is answered with what it takes to reach CMP; the secrets open with the ring and nothing else', async () => {
    const { id } = await create();
    await admin('PATCH', `/v1/connectors/${id}`, { password: 'Changed' }, { 'if-match': '"1"' });
    await admin('POST', `/v1/connectors/${id}/pause`);
    const opened = await openConnector(id);
    expect(opened).toMatchObject({
      connectorId: id,
      status: 'paused',
      apiUrl: 'https://api.cloud.im/marketplace/na',
      username: 'isthmus-us.api',
      marketplace: 'us',
      accountId: '1000001',
      country: 'US',
      currency: 'USD',
      callLimit: { perMinute: 60, perDay: 5000 },
      sealed: { passwordVersion: 2, subscriptionKeyVersion: 1 },
    });
    expect(opened.partnerAttestation).toBeUndefined();
    const attested = (await admin('PUT', `/v1/connectors/${id}/partner-attestation`)).body;
    expect((await openConnector(id)).partnerAttestation).toEqual(attested);
    expect(JSON.stringify(opened)).not.toContain('Changed');
    expect(credentials(opened, ringOf('k1'))).toEqual({ ...secrets, password: 'Changed' });
  });

  it('is refused for an unknown, a removed and another tenant’s connector alike', async () => {
    const { id } = await create();
    const refused = expect.objectContaining({ code: 'connector.not-found' });
    await expect(openConnector(randomUUID())).rejects.toEqual(refused);
    await expect(openConnector(id, randomUUID())).rejects.toEqual(refused);
    await admin('DELETE', `/v1/connectors/${id}`);
    await expect(openConnector(id)).rejects.toEqual(refused);
  });
});

describe('PauseConnector', () => {
  it('pauses once however often it is asked at once, and says why', async () => {
    const { id } = await create();
    const why = {
      cause: 'password',
      detail: 'CMP refuses the password.',
      nextStep: 'Enter the password again.',
    };
    const question = { tenantId: admin.tenantId, connectorId: id, ...why };
    const answers = await Promise.all(
      Array.from({ length: 5 }, () => requests.request(PauseConnector, question, deadline)),
    );
    expect(answers).toEqual(Array(5).fill({ status: 'paused' }));
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({
      status: 'paused',
      paused: { automatic: true, by: 'account-sync', ...why },
    });
    const paused = (await started.events(admin.tenantId)).slice(1);
    expect(paused).toMatchObject([
      { subject: 'connector-config.connector-paused.v1', version: 2, data: { automatic: true, ...why } },
    ]);
  });

  it('is refused for a connector of another tenant', async () => {
    const { id } = await create();
    const question = { tenantId: randomUUID(), connectorId: id, cause: 'c', detail: 'd', nextStep: 'n' };
    await expect(requests.request(PauseConnector, question, deadline)).rejects.toMatchObject({
      code: 'connector.not-found',
    });
    expect((await admin('GET', `/v1/connectors/${id}`)).body.status).toBe('active');
  });
});

describe('FindApiKey', () => {
  it('tells whose a key is and notes its use, until it is revoked or its connector removed', async () => {
    const [one, two] = [
      await create(),
      await create({ fieldNames: 'PascalCase', termOfFrequency: { annual: 'P3Y' } }),
    ];
    const issue = async (id: string) =>
      (await admin('POST', `/v1/connectors/${id}/api-keys`, { label: 'Work 365' })).body;
    const [first, second] = [await issue(one.id), await issue(two.id)];
    const find = (key: string) =>
      requests.request(FindApiKey, { keyHash: createHash('sha256').update(key).digest('hex') }, deadline);
    const { tenantId } = admin;
    expect(await find(first.key)).toEqual({
      holder: {
        apiKeyId: first.id,
        label: 'Work 365',
        tenantId,
        connectorId: one.id,
        connectorStatus: 'active',
        fieldNames: 'camelCase',
        termOfFrequency: {},
      },
    });
    expect(await find(second.key)).toMatchObject({
      holder: { fieldNames: 'PascalCase', termOfFrequency: { annual: 'P3Y' } },
    });
    const listed = (await admin('GET', `/v1/connectors/${one.id}/api-keys`)).body.data;
    expect(listed).toMatchObject([{ lastUsedAt: expect.any(String) }]);
    expect(await find('isthmus_unknown')).toEqual({});
    await admin('DELETE', `/v1/connectors/${one.id}/api-keys/${first.id}`);
    await admin('DELETE', `/v1/connectors/${two.id}?confirm=true`);
    expect([await find(first.key), await find(second.key)]).toEqual([{}, {}]);
    const inForce = 'select id from api_keys where tenant_id = $1 and revoked_at is null';
    expect(await started.rows(inForce, [tenantId])).toEqual([]);
  });
});

it('moves every secret to the current key after a rotation, so that the old key can go', async () => {
  const { id } = await create();
  const rotated = await started.replica({ SECRET_RING: ringOf('k1', 'k2') });
  await started.service.close();
  await eventually(async () => {
    await rotated.get(KeyRotation).resealAll();
    const sealed = await started.rows('select sealed from connector_secrets where connector_id = $1', [id]);
    return sealed.every((row) => row.sealed.startsWith('s2.k2.'));
  });
  const opened = await requestsTo(rotated).request(
    OpenConnector,
    { tenantId: admin.tenantId, connectorId: id },
    deadline,
  );
  expect(credentials(opened, ringOf('k2'))).toEqual(secrets);
  expect(() => credentials(opened, ringOf('k1'))).toThrow(/the key it was sealed with is not available/);
});
