import { PauseConnector } from '@isthmus/contracts';
import { inTenant } from '@isthmus/service-kit';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import { auditedActions, requestsTo, watchAudit } from '@isthmus/testing';
import { AuditHeadsOfWebhooks, connectorConfig } from '../connector-config.module.ts';
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
let log: ReturnType<typeof watchAudit>;
beforeAll(async () => {
  [started, simulator] = await Promise.all([
    startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes' }),
    startSimulator({ limits: { perMinute: null, perDay: null } }),
  ]);
  admin = await started.as('admin');
  log = watchAudit(started.rows, admin.tenantId);
}, startMs);
afterAll(async () => {
  await started.stop();
  await simulator.close();
}, startMs);

const working = () => {
  const { username, password, subscriptionKey, accountId } = defaultAccounts[0];
  const callLimit = { perMinute: 100_000, perDay: 1_000_000 };
  return goodConnector({
    username,
    password,
    subscriptionKey,
    accountId,
    apiUrl: simulator.apiUrl,
    callLimit,
  });
};

it('has one entry of every command that changes something, with what changed', async () => {
  const body = working();
  const { id } = (await admin('POST', '/v1/connectors', body, { 'x-correlation-id': 'setting-up' })).body;
  const thing = `connector ${id}`;
  const by = { subject: admin.subject, channel: 'console', role: 'admin', thing };
  expect(await log.written()).toEqual([
    expect.objectContaining({
      ...by,
      action: 'connector.create',
      before: null,
      after: expect.objectContaining({
        name: body.name,
        username: body.username,
        status: 'active',
        password: 'changed',
        subscriptionKey: 'changed',
      }),
      correlationId: 'setting-up',
    }),
  ]);

  const path = `/v1/connectors/${id}`;
  await admin('PATCH', path, { name: 'Another name', password: 'Other-1' }, { 'if-match': '"1"' });
  expect(await log.written()).toMatchObject([
    {
      ...by,
      action: 'connector.update',
      before: { name: body.name, password: null },
      after: { name: 'Another name', password: 'changed' },
    },
  ]);
  const { headers } = await admin('GET', path);
  await admin('PATCH', path, { password: body.password }, { 'if-match': headers.get('etag')! });
  expect(await log.written()).toMatchObject([{ action: 'connector.update', after: { password: 'changed' } }]);

  const guard = { orderGuard: { approvalDays: 3, quoteFrom: { seats: 40 } } };
  for (let n = 0; n < 2; n += 1) {
    const etag = (await admin('GET', path)).headers.get('etag')!;
    await admin('PATCH', path, guard, { 'if-match': etag });
  }
  expect(await log.written()).toEqual([
    expect.objectContaining({
      ...{ ...by, action: 'connector.update' },
      ...{ before: { orderGuard: {} }, after: guard },
    }),
  ]);

  await admin('POST', `${path}/pause`, { reason: 'Moving house.' });
  await admin('POST', `${path}/pause`, { reason: 'Again, which changes nothing.' });
  expect(await log.written()).toMatchObject([
    {
      ...by,
      action: 'connector.pause',
      before: { status: 'active', paused: null },
      after: { status: 'paused', paused: { by: admin.subject, cause: 'person' } },
      reason: 'Moving house.',
    },
  ]);
  await admin('POST', `${path}/resume`);
  await admin('POST', `${path}/resume`);
  expect(await log.written()).toMatchObject([
    { ...by, action: 'connector.resume', after: { status: 'active' } },
  ]);

  await admin('POST', `${path}/verify`);
  expect(await log.written()).toMatchObject([
    { ...by, action: 'connector.verify', after: { verified: true, failed: [] } },
  ]);
  await admin('POST', '/v1/connectors/verify', working());
  await admin('POST', `${path}/verify`, { name: 'Not saved' });
  expect(await log.written()).toEqual([]);

  await admin('PUT', `${path}/partner-attestation`);
  await admin('PUT', `${path}/partner-attestation`);
  expect(await log.written()).toMatchObject([
    { ...by, action: 'connector.attest', after: { partnerAttestation: { by: admin.subject } } },
  ]);
  await admin('DELETE', `${path}/partner-attestation`);
  await admin('DELETE', `${path}/partner-attestation`);
  expect(await log.written()).toMatchObject([{ ...by, action: 'connector.withdraw-attestation' }]);

  const expiresAt = new Date(Date.now() + 86_400_000).toISOString();
  const key = (await admin('POST', `${path}/api-keys`, { label: 'Work 365', expiresAt })).body;
  const ofKey = { subject: admin.subject, thing: `api-key ${key.id}` };
  const shown = { connectorId: id, label: 'Work 365', prefix: key.prefix, expiresAt };
  expect(await log.written()).toMatchObject([
    { ...ofKey, action: 'api-key.issue', before: null, after: shown },
  ]);
  await admin('DELETE', `${path}/api-keys/${key.id}`);
  expect(await log.written()).toMatchObject([
    { ...ofKey, action: 'api-key.revoke', before: shown, after: null },
  ]);

  await admin('DELETE', `${path}?confirm=true`);
  expect(await log.written()).toMatchObject([
    {
      ...by,
      action: 'connector.remove',
      before: { status: 'active' },
      after: { status: 'removed', forced: false, keysDestroyed: [key.id] },
    },
  ]);
  expect((await admin('POST', '/v1/connectors', { ...body, name: 'Back again' })).body.id).toBe(id);
  expect(await log.written()).toMatchObject([
    { ...by, action: 'connector.restore', before: { status: 'removed' }, after: { status: 'active' } },
  ]);
  expect(log.unseen(await auditedActions(connectorConfig))).toEqual([]);

  const everything = await started.dump();
  for (const secret of [body.password, body.subscriptionKey, 'Other-1', key.key])
    expect(everything).not.toContain(secret);
});

it('has none of a command that was refused', async () => {
  const { id } = (await admin('POST', '/v1/connectors', goodConnector({ name: 'Taken' }))).body;
  await log.written();
  const path = `/v1/connectors/${id}`;
  const refused = [
    await admin('POST', '/v1/connectors', goodConnector({ name: 'Taken' })),
    await admin('PATCH', path, { name: 'x' }, { 'if-match': '"9"' }),
    await admin('PATCH', path, { apiUrl: 'https://api.cloud.im/marketplace/eu/' }, { 'if-match': '"1"' }),
    await admin('DELETE', `${path}/api-keys/${crypto.randomUUID()}`),
    await (await started.as('viewer', admin.tenantId))('POST', `${path}/pause`),
    await (await started.as('admin'))('POST', `${path}/pause`),
  ];
  expect(refused.map(({ status }) => status)).toEqual([409, 412, 400, 404, 403, 404]);
  expect(await log.written()).toEqual([]);
});

it('names the service that paused a connector because CMP refused it', async () => {
  const { id } = (await admin('POST', '/v1/connectors', goodConnector())).body;
  await log.written();
  const why = { cause: 'password', detail: 'CMP does not accept the password.', nextStep: 'Set it again.' };
  await requestsTo(started.service).request(PauseConnector, {
    tenantId: admin.tenantId,
    connectorId: id,
    ...why,
  });
  expect(await log.written()).toMatchObject([
    {
      action: 'connector.pause',
      subject: 'account-sync',
      channel: 'service',
      role: null,
      thing: `connector ${id}`,
      reason: why.detail,
    },
  ]);
});

it('keeps the published ends of the audit log of webhooks, each once, and two that contradict each other', async () => {
  const keep = (hash: string) =>
    inTenant(admin.tenantId, () =>
      started.service.get(AuditHeadsOfWebhooks).store({ entries: 3, hash }, {
        type: 'webhooks.audit-head-published.v1',
        tenantId: admin.tenantId,
        time: new Date(),
      } as never),
    );
  for (const hash of ['a', 'a', 'b']) await keep(hash.repeat(43));
  expect(
    await started.rows(
      'select service, sequence::int, left(hash, 1) as hash from witnessed_audit_heads order by hash',
    ),
  ).toEqual([
    { service: 'webhooks', sequence: 3, hash: 'a' },
    { service: 'webhooks', sequence: 3, hash: 'b' },
  ]);
});
