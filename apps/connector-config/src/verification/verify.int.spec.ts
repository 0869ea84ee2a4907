import { PauseConnector } from '@isthmus/contracts';
import { eventually, freePort, requestsTo } from '@isthmus/testing';
import { defaultAccounts, startSimulator, type RunningSimulator } from '@isthmus/cmp-simulator';
import {
  goodConnector,
  secrets,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';
import { oddServer, type OddServer } from '../../test/odd-server.fixture.ts';

let started: Started;
let simulator: RunningSimulator;
let odd: OddServer | undefined;
let admin: Caller;
let operator: Caller;
beforeAll(async () => {
  [started, simulator] = await Promise.all([
    startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes' }),
    startSimulator({ limits: { perMinute: null, perDay: null } }),
  ]);
}, startMs);
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
}, startMs);

const noWaiting = { perMinute: 100_000, perDay: 1_000_000 };

/** Settings that the simulator accepts. */
const working = (more: object = {}) => {
  const { username, password, subscriptionKey, accountId } = defaultAccounts[0];
  const good = { username, password, subscriptionKey, accountId, apiUrl: simulator.apiUrl };
  return goodConnector({ ...good, callLimit: noWaiting, ...more });
};
const create = async (more: object = {}) => (await admin('POST', '/v1/connectors', working(more))).body;
const failed = (body: { steps: { ok: boolean }[] }) => body.steps.filter(({ ok }) => !ok);

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
    const renamed = await admin(
      'PATCH',
      `/v1/connectors/${id}`,
      { callLimit: { perDay: 9_000 } },
      { 'if-match': '"1"' },
    );
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
    const wrongCurrency = await operator('POST', `${path}/verify`, { currency: 'CAD' });
    expect(failed(wrongCurrency.body)).toMatchObject([{ cause: 'currency', field: 'currency' }]);
    expect((await operator('POST', `${path}/verify`, { country: 'CA', marketplace: 'us' })).body.ok).toBe(
      true,
    );
    expect((await operator('POST', `${path}/verify`, { username: 'somebody-else.api' })).status).toBe(400);
    expect((await admin('GET', path)).body).toEqual(created);
  });

  it('does not keep an outcome that is of older settings', async () => {
    odd = await oddServer((_, response) => setTimeout(() => response.writeHead(500).end('{}'), 600));
    const { id } = await create({ apiUrl: odd.url });
    const verifying = operator('POST', `/v1/connectors/${id}/verify`);
    await eventually(() => odd!.requests.length > 0);
    await admin('PATCH', `/v1/connectors/${id}`, { accountId: '9' }, { 'if-match': '"1"' });
    expect((await verifying).body.ok).toBe(false);
    expect((await admin('GET', `/v1/connectors/${id}`)).body.verification).toBeNull();
  });
});

describe('a paused connector whose verification goes well', () => {
  const pauseBy = async (id: string, automatic: boolean, cause: string) => {
    if (!automatic) return admin('POST', `/v1/connectors/${id}/pause`, { reason: 'Audit.' });
    const why = { cause, detail: 'CMP rejected it.', nextStep: 'Correct it.' };
    const question = { tenantId: admin.tenantId, connectorId: id, ...why };
    return requestsTo(started.service).request(PauseConnector, question);
  };
  const verify = (id: string) => operator('POST', `/v1/connectors/${id}/verify`);

  it('is resumed when an error had paused it, and that is said with who verified', async () => {
    const { id } = await create();
    await pauseBy(id, true, 'cmp.credentials');
    expect((await verify(id)).body.ok).toBe(true);
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({
      status: 'active',
      paused: null,
      verification: { ok: true },
    });
    expect((await started.events(admin.tenantId)).at(-1)).toMatchObject({
      subject: 'connector-config.connector-resumed.v1',
      data: { connectorId: id, by: operator.subject },
    });
  });

  it('stays paused when a person paused it', async () => {
    const { id } = await create();
    await pauseBy(id, false, 'person');
    expect((await verify(id)).body.ok).toBe(true);
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({ status: 'paused' });
  });

  it('stays paused when a person paused it although an error had done so already', async () => {
    const { id } = await create();
    await pauseBy(id, true, 'cmp.credentials');
    await pauseBy(id, false, 'person');
    // The next worker that fails takes nothing back.
    await pauseBy(id, true, 'cmp.credentials');
    expect((await verify(id)).body.ok).toBe(true);
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({
      status: 'paused',
      paused: { automatic: false, cause: 'person', detail: 'Audit.' },
    });
    const paused = (await started.events(admin.tenantId)).filter(
      ({ subject, data }) => subject.includes('connector-paused') && data.connectorId === id,
    );
    expect(paused.map(({ data }) => data.automatic)).toEqual([true, false]);
  });

  it('stays paused when what went well is not what is saved, or did not go well', async () => {
    const { id } = await create({ password: 'not the right one' });
    await pauseBy(id, true, 'cmp.credentials');
    const right = { password: defaultAccounts[0].password };
    expect((await operator('POST', `/v1/connectors/${id}/verify`, right)).body.ok).toBe(true);
    expect((await verify(id)).body.ok).toBe(false);
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({
      status: 'paused',
      paused: { cause: 'cmp.credentials' },
    });
  });
});

it('each event about a connector has the version that the connector has after it, so that nobody takes it for old', async () => {
  const { id } = await create();
  const path = `/v1/connectors/${id}`;
  const versions = [1];
  const after = async (done: unknown) => {
    await done;
    versions.push((await admin('GET', path)).body.version);
  };
  const refused = { cause: 'cmp.credentials', detail: 'CMP rejected it.', nextStep: 'Correct it.' };
  const pause = { tenantId: admin.tenantId, connectorId: id, ...refused };
  await after(requestsTo(started.service).request(PauseConnector, pause));
  await after(operator('POST', `${path}/verify`));
  await after(operator('POST', `${path}/pause`, {}));
  await after(operator('POST', `${path}/resume`));
  await after(operator('PUT', `${path}/partner-attestation`));
  await after(operator('DELETE', `${path}/partner-attestation`));
  await after(admin('PATCH', path, { name: `Renamed ${id}` }, { 'if-match': `"${versions.at(-1)}"` }));
  expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
  const said = await started.events(admin.tenantId);
  expect(said.map(({ subject, version }) => `${subject.split('.')[1]} ${version}`)).toEqual([
    'connector-created 1',
    'connector-paused 2',
    'connector-resumed 3',
    'connector-paused 4',
    'connector-resumed 5',
    'connector-changed 6',
    'connector-changed 7',
    'connector-changed 8',
  ]);
});

it('blocked-address: a stored private address is not connected to where only public ones are allowed', async () => {
  odd = await oddServer((_, response) => response.end('{}'));
  const strict = await startConnectorConfig();
  try {
    const lenient = await strict.replica({ ALLOW_PRIVATE_ADDRESSES: 'yes' });
    const caller = await strict.as('admin');
    const before = await strict.as('admin', caller.tenantId, 'ann', lenient.url);
    const { id } = (await before('POST', '/v1/connectors', goodConnector({ apiUrl: odd.url }))).body;
    const { body } = await caller('POST', `/v1/connectors/${id}/verify`);
    expect(failed(body)).toMatchObject([{ cause: 'blocked-address', field: 'apiUrl' }]);
    expect(odd.requests).toEqual([]);
  } finally {
    await strict.stop();
  }
});

it('a connector is created and verified while NATS is away', async () => {
  const nowhere = `nats://127.0.0.1:${await freePort()}`;
  const alone = await startConnectorConfig({ ALLOW_PRIVATE_ADDRESSES: 'yes', NATS_URL: nowhere });
  try {
    const caller = await alone.as('admin');
    const created = await caller('POST', '/v1/connectors', working());
    expect(created.status).toBe(201);
    const verified = await caller('POST', `/v1/connectors/${created.body.id}/verify`);
    expect(verified.body).toMatchObject({ ok: true });
  } finally {
    await alone.stop();
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
  const everything = started.output.join('\n') + (await started.dump());
  for (const secret of [...Object.values(secrets), defaultAccounts[0].password]) {
    expect(everything).not.toContain(secret);
  }
});
