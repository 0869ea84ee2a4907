import type { RequestListener } from 'node:http';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import {
  goodConnector,
  secrets,
  startConnectorConfig,
  type Caller,
  type Started,
} from '../service.fixture.spec.ts';
import { oddServer, selfSigned, type OddServer } from './odd-server.fixture.spec.ts';

const deadlineMs = 2500;
let started: Started;
let simulator: RunningSimulator;
let odd: OddServer | undefined;
let admin: Caller;
let operator: Caller;
beforeAll(async () => {
  [started, simulator] = await Promise.all([
    startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes', VERIFY_DEADLINE_MS: String(deadlineMs) }),
    startSimulator({ limits: { perMinute: null, perDay: null } }),
  ]);
});
beforeEach(async () => {
  admin = await started.as('admin');
  operator = await started.as('operator', admin.tenantId);
});
afterEach(async () => {
  await odd?.close();
  odd = undefined;
});
afterAll(async () => {
  await started.stop();
  await simulator.close();
});

/** Settings that the simulator accepts. */
const working = (more: object = {}) => {
  const { username, password, subscriptionKey, accountId } = defaultAccounts[0];
  return goodConnector({ username, password, subscriptionKey, accountId, apiUrl: simulator.apiUrl, ...more });
};
const create = async (more: object = {}) => (await admin('POST', '/v1/connectors', working(more))).body;
const failed = (body: { steps: { ok: boolean }[] }) => body.steps.filter(({ ok }) => !ok);

/** Answers the token; what comes after is up to the test. */
const afterToken =
  (then: RequestListener): RequestListener =>
  (request, response) => {
    if (!request.url?.endsWith('/token')) return then(request, response);
    response.setHeader('content-type', 'application/json').end('{"token":"t","expiresInSeconds":1500}');
  };
const always =
  (status: number, body: string, headers: Record<string, string> = {}): RequestListener =>
  (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  };

describe('Verify Connectivity', () => {
  it('goes through every step with good settings and keeps the outcome until the settings change', async () => {
    const { id } = await create();
    const verified = await operator('POST', `/v1/connectors/${id}/verify`);
    expect(verified).toMatchObject({
      status: 200,
      body: { ok: true, checkedAt: expect.stringMatching(/Z$/) },
    });
    expect(verified.body.steps.length).toBeGreaterThanOrEqual(5);
    expect(failed(verified.body)).toEqual([]);

    const read = await admin('GET', `/v1/connectors/${id}`);
    expect(read.body).toMatchObject({ verification: verified.body, version: 1 });
    const renamed = await admin('PATCH', `/v1/connectors/${id}`, { currency: 'CAD' }, { 'if-match': '"1"' });
    expect(renamed.body.verification).toEqual(verified.body);
    const changed = await admin('PATCH', `/v1/connectors/${id}`, { accountId: '2' }, { 'if-match': '"2"' });
    expect(changed.body.verification).toBeNull();
    expect((await started.events(admin.tenantId)).length).toBe(3);
  });

  it('tries unsaved settings, without a name as well, and writes nothing', async () => {
    const verified = await operator('POST', '/v1/connectors/verify', working({ name: undefined }));
    expect(verified).toMatchObject({ status: 200, body: { ok: true } });
    expect(await started.rows('select 1 from connectors where tenant_id = $1', [admin.tenantId])).toEqual([]);
    expect(await started.events(admin.tenantId)).toEqual([]);
  });

  it('tries a change of a saved connector with its stored secrets, and keeps nothing', async () => {
    const created = await create();
    const path = `/v1/connectors/${created.id}`;
    expect((await operator('POST', `${path}/verify`, { marketplace: 'xx' })).body).toMatchObject({
      ok: false,
    });
    expect((await operator('POST', `${path}/verify`, { currency: 'CAD' })).body).toMatchObject({ ok: true });
    expect((await operator('POST', `${path}/verify`, { username: 'mallory.api' })).status).toBe(400);
    expect((await admin('GET', path)).body).toEqual(created);
  });

  it('does not keep an outcome that is of older settings', async () => {
    odd = await oddServer((_, response) => setTimeout(() => response.writeHead(500).end('{}'), 600));
    const { id } = await create({ apiUrl: odd.url });
    const verifying = operator('POST', `/v1/connectors/${id}/verify`);
    await admin('PATCH', `/v1/connectors/${id}`, { accountId: '9' }, { 'if-match': '"1"' });
    expect((await verifying).body.ok).toBe(false);
    expect((await admin('GET', `/v1/connectors/${id}`)).body.verification).toBeNull();
  });
});

describe('the cause is named, with the field to mend and what to do:', () => {
  const expectCause = async (settings: object, cause: string, field?: string) => {
    const from = Date.now();
    const { status, body } = await operator('POST', '/v1/connectors/verify', settings);
    expect(Date.now() - from).toBeLessThan(deadlineMs + 500);
    expect([status, body.ok]).toEqual([200, false]);
    const [step] = failed(body);
    expect(step).toMatchObject({
      cause,
      detail: expect.stringMatching(/\w/),
      mend: expect.stringMatching(/\w/),
    });
    expect(step).toEqual(
      field ? expect.objectContaining({ field }) : expect.not.objectContaining({ field: 'x' }),
    );
    return body;
  };

  it.each([
    ['password', { password: 'wrong' }, 'password'],
    ['subscription-key', { subscriptionKey: '0'.repeat(32) }, 'subscriptionKey'],
    ['marketplace', { marketplace: 'xx' }, 'marketplace'],
    ['dns', { apiUrl: 'https://cmp.invalid/marketplace/na' }, 'apiUrl'],
  ])('%s', (cause, more, field) => expectCause(working(more), cause, field));

  it.each<[string, RequestListener, string?]>([
    [
      'wrong-url',
      always(200, '<!doctype html><title>Home</title>', { 'content-type': 'text/html' }),
      'apiUrl',
    ],
    ['throttled', always(429, '{"statusCode":429,"message":"Rate limit"}', { 'retry-after': '30' })],
    ['cmp-down', always(503, '{"message":"Service unavailable"}')],
    ['timeout', () => undefined],
    ['no-permission', afterToken(always(403, '{"message":"Access denied"}'))],
    ['timeout', afterToken(() => undefined)],
    ['cmp-down', afterToken(always(502, '<html>Bad gateway</html>', { 'content-type': 'text/html' }))],
  ])('%s', async (cause, answer, field) => {
    odd = await oddServer(answer);
    await expectCause(working({ apiUrl: odd.url }), cause, field);
  });

  it('tls, for a certificate nobody vouches for, and no request is sent', async () => {
    odd = await oddServer(always(200, '{}'), selfSigned);
    await expectCause(working({ apiUrl: odd.url }), 'tls', 'apiUrl');
    expect(odd.requests).toEqual([]);
  });

  it('cmp-down, for a port where nobody listens', async () => {
    odd = await oddServer(always(200, '{}'));
    await odd.close();
    await expectCause(working({ apiUrl: odd.url }), 'cmp-down');
  });

  it('a redirect is not followed, so the secrets stay where they were sent', async () => {
    const elsewhere = await oddServer(always(200, '{}'));
    odd = await oddServer((_, response) => response.writeHead(307, { location: elsewhere.url }).end());
    await expectCause(working({ apiUrl: odd.url }), 'wrong-url', 'apiUrl');
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it('account-id, where CMP tells the account', async () => {
    await expectCause(working({ accountId: '4711' }), 'account-id', 'accountId');
  });
});

it('blocked-address: a stored private address is not connected to where only public ones are allowed', async () => {
  odd = await oddServer(always(200, '{}'));
  const strict = await startConnectorConfig();
  try {
    const caller = await strict.as('admin');
    const { id } = (await caller('POST', '/v1/connectors', goodConnector())).body;
    await strict.rows('update connectors set api_url = $1 where id = $2', [odd.url, id]);
    const { body } = await caller('POST', `/v1/connectors/${id}/verify`);
    expect(failed(body)).toMatchObject([{ cause: 'blocked-address', field: 'apiUrl' }]);
    expect(odd.requests).toEqual([]);
  } finally {
    await strict.stop();
  }
});

it('no secret is in any outcome, log line or row, not even when CMP repeats it', async () => {
  odd = await oddServer((request, response) => {
    const { authorization, 'x-subscription-key': key } = request.headers;
    const [, basic = ''] = String(authorization).split(' ');
    const message = `Unknown: ${Buffer.from(basic, 'base64').toString()} ${String(key)} ${basic}`;
    response.writeHead(401, { 'content-type': 'application/json' }).end(JSON.stringify({ message }));
  });
  const { id } = await create({ apiUrl: odd.url, ...secrets });
  await operator('POST', `/v1/connectors/${id}/verify`);
  expect(odd.requests.length).toBeGreaterThan(0);
  const everything = started.said.join('\n') + (await started.dump());
  for (const secret of [...Object.values(secrets), defaultAccounts[0].password]) {
    expect(everything).not.toContain(secret);
  }
});
