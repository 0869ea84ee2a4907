import {
  goodConnector,
  secrets,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';

let started: Started;
let admin: Caller;
beforeAll(async () => {
  started = await startConnectorConfig();
}, startMs);
beforeEach(async () => {
  admin = await started.as('admin');
});
afterAll(() => started.stop(), startMs);

const create = async (more: object = {}, caller = admin) => {
  const reply = await caller('POST', '/v1/connectors', goodConnector(more));
  expect(reply).toMatchObject({ status: 201 });
  return reply.body;
};
const patch = (id: string, body: unknown, version: number) =>
  admin('PATCH', `/v1/connectors/${id}`, body, { 'if-match': `"${version}"` });
const subjects = async () => (await started.events(admin.tenantId)).map(({ subject }) => subject);

/** That of every connector until somebody changes it. */
const usualGuard = {
  quoteFrom: {
    ...{ seats: 250, percent: 300, percentFromSeats: 50 },
    ...{ yearlyAmount: 25_000, purchasesPerHour: 100 },
  },
  approvalFrom: {
    ...{ seats: 2_500, percent: 3_000, percentFromSeats: 500 },
    ...{ yearlyAmount: 250_000, purchasesPerHour: 1_000 },
  },
  approvalDays: 7,
};

describe('a connector', () => {
  it('is created from the eight fields, read, changed and removed, and each is said', async () => {
    const body = goodConnector({ name: ' IngramMicro US ', country: 'us', currency: 'usd' });
    const created = await admin('POST', '/v1/connectors', body);
    const { id } = created.body;
    expect(created.status).toBe(201);
    expect(created.headers.get('location')).toBe(`/v1/connectors/${id}`);
    expect(created.headers.get('etag')).toBe('"1"');
    expect(created.body).toEqual({
      id: expect.any(String),
      name: 'IngramMicro US',
      username: 'isthmus-us.api',
      apiUrl: 'https://api.cloud.im/marketplace/na',
      accountId: '1000001',
      country: 'US',
      currency: 'USD',
      marketplace: 'us',
      marketplaceDerived: true,
      schedule: { tickMinutes: 5, sweepMinutes: 60, accountsMinutes: 1440 },
      callLimit: { perMinute: 60, perDay: 5000 },
      fieldNames: 'camelCase',
      termOfFrequency: { monthly: null, annual: null, triennial: null },
      orderGuard: usualGuard,
      partnerAttestation: null,
      status: 'active',
      paused: null,
      verification: null,
      sameAccountAs: [],
      restoredAt: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      version: 1,
    });

    const read = await admin('GET', `/v1/connectors/${id}`);
    expect([read.status, read.headers.get('etag'), read.body]).toEqual([200, '"1"', created.body]);

    const fieldNames = 'PascalCase';
    const settings = {
      country: 'GB',
      schedule: { tickMinutes: 0 },
      callLimit: { perMinute: null },
      fieldNames,
    };
    const changed = await patch(id, settings, 1);
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toMatchObject({
      country: 'GB',
      marketplace: 'uk',
      schedule: { tickMinutes: 0, sweepMinutes: 60, accountsMinutes: 1440 },
      callLimit: { perMinute: null, perDay: 5000 },
      fieldNames,
      currency: 'USD',
      version: 2,
    });

    expect((await admin('DELETE', `/v1/connectors/${id}`)).status).toBe(204);
    expect((await admin('GET', `/v1/connectors/${id}`)).status).toBe(404);
    expect((await admin('DELETE', `/v1/connectors/${id}`)).status).toBe(404);
    expect((await admin('GET', '/v1/connectors')).body).toEqual({ data: [], nextCursor: null });
    expect(await started.rows('select sealed from connector_secrets where connector_id = $1', [id])).toEqual([
      { sealed: null },
      { sealed: null },
    ]);

    const told = {
      name: 'IngramMicro US',
      apiUrl: 'https://api.cloud.im/marketplace/na',
      accountId: '1000001',
    };
    expect(await started.events(admin.tenantId)).toMatchObject([
      {
        subject: 'connector-config.connector-created.v1',
        aggregate_id: id,
        version: 1,
        data: { connectorId: id, ...told, marketplace: 'us', status: 'active', version: 1 },
      },
      {
        subject: 'connector-config.connector-changed.v1',
        version: 2,
        data: { connectorId: id, ...told, marketplace: 'uk', schedule: { tickMinutes: 0 }, version: 2 },
      },
      {
        subject: 'connector-config.connector-removed.v1',
        version: 3,
        data: { connectorId: id, name: 'IngramMicro US', by: admin.subject },
      },
    ]);
  });

  it('has a name of its own in its tenant, whatever the case, until it is removed', async () => {
    const first = await create({ name: 'IngramMicro UK' });
    const second = await create({ name: 'Other' });
    const taken = await admin('POST', '/v1/connectors', goodConnector({ name: 'INGRAMMICRO uk' }));
    const renamed = await patch(second.id, { name: 'ingrammicro uk' }, 1);
    for (const reply of [taken, renamed]) {
      expect(reply).toMatchObject({
        status: 409,
        body: { type: 'urn:isthmus:problem:connector.name-taken', errors: [{ field: 'name' }] },
      });
    }
    await create({ name: 'IngramMicro UK' }, await started.as('admin'));
    await admin('DELETE', `/v1/connectors/${first.id}`);
    await create({ name: 'ingrammicro UK', accountId: '1000002' });
    expect(await subjects()).toHaveLength(4);
  });

  it('is made once when the same name arrives ten times at once', async () => {
    const body = goodConnector();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => admin('POST', '/v1/connectors', body)),
    );
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([201, ...Array(9).fill(409)]);
    expect(await subjects()).toHaveLength(1);
  });

  it('is changed by one of two who read the same version', async () => {
    const { id } = await create();
    const replies = await Promise.all([patch(id, { accountId: '7' }, 1), patch(id, { accountId: '8' }, 1)]);
    expect(replies.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 412]);
    expect(await subjects()).toHaveLength(2);
  });

  it('is not written and not said when nothing differs', async () => {
    const { id, updatedAt } = await create();
    const same = goodConnector({ password: undefined, subscriptionKey: undefined, name: undefined });
    for (const body of [{}, same]) {
      expect(await patch(id, body, 1)).toMatchObject({ status: 200, body: { version: 1, updatedAt } });
    }
    expect(await subjects()).toEqual(['connector-config.connector-created.v1']);
  });

  it('gets a new version of a secret, keeps who set the one before, and forgets what it was', async () => {
    const { id } = await create();
    expect((await patch(id, { password: 'A-new-password' }, 1)).body.version).toBe(2);
    const rows = await started.rows(
      `select field, version, sealed is not null as kept, set_by from connector_secrets
       where connector_id = $1 order by field, version`,
      [id],
    );
    expect(rows).toEqual([
      { field: 'password', version: 1, kept: false, set_by: admin.subject },
      { field: 'password', version: 2, kept: true, set_by: admin.subject },
      { field: 'subscriptionKey', version: 1, kept: true, set_by: admin.subject },
    ]);
  });

  it('does not take stored secrets to another address or user name', async () => {
    const { id } = await create();
    const refused: [object, string[]][] = [
      [{ apiUrl: 'https://collector.example/na' }, ['password', 'subscriptionKey']],
      [{ apiUrl: 'https://collector.example/na', password: 'p' }, ['subscriptionKey']],
      [{ username: 'somebody-else.api' }, ['password']],
    ];
    for (const [body, fields] of refused) {
      const reply = await patch(id, body, 1);
      expect([reply.status, reply.body.errors.map(({ field }: { field: string }) => field)]).toEqual([
        400,
        fields,
      ]);
    }
    const moved = { apiUrl: 'https://api.cloud.im/marketplace/eu/', ...secrets };
    expect(await patch(id, moved, 1)).toMatchObject({
      status: 200,
      body: { apiUrl: 'https://api.cloud.im/marketplace/eu' },
    });
  });

  it.each(['XCG', 'HRK', 'bgn', ' usd '])(
    'bills in %j, whatever lists of currencies say today',
    async (currency) => {
      const { body } = await admin(
        'POST',
        '/v1/connectors',
        goodConnector({ name: `In ${currency}`, currency }),
      );
      expect(body).toMatchObject({ currency: currency.trim().toUpperCase() });
    },
  );

  it.each(['UK', 'uk', ' gb '])('is in Great Britain when its country is given as %j', async (country) => {
    const created = await admin('POST', '/v1/connectors', goodConnector({ name: `In ${country}`, country }));
    expect(created.body).toMatchObject({ country: 'GB', marketplace: 'uk' });
    const { id } = await create({ name: `Moved to ${country}` });
    expect((await patch(id, { country }, 1)).body).toMatchObject({ country: 'GB', marketplace: 'uk' });
  });

  it('takes the marketplace of its country unless one is chosen', async () => {
    const { id } = await create({ country: 'GB', marketplace: 'stg' });
    expect((await patch(id, { marketplace: null }, 1)).body).toMatchObject({
      marketplace: 'uk',
      marketplaceDerived: true,
    });
    expect(await admin('POST', '/v1/connectors', goodConnector({ country: 'JP' }))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'country', message: expect.stringContaining('"marketplace"') }] },
    });
  });

  it('says which term a frequency means; what is left out of a change stays, and null takes it away', async () => {
    const { id, termOfFrequency } = await create({ termOfFrequency: { annual: 'P1Y' } });
    expect(termOfFrequency).toEqual({ monthly: null, annual: 'P1Y', triennial: null });
    const more = await patch(id, { termOfFrequency: { monthly: 'P1M', triennial: 'P3Y' } }, 1);
    const all = { monthly: 'P1M', annual: 'P1Y', triennial: 'P3Y' };
    expect(more.body).toMatchObject({ termOfFrequency: all, version: 2 });
    expect((await patch(id, { termOfFrequency: all }, 2)).body.version).toBe(2);
    const fewer = await patch(id, { termOfFrequency: { annual: null } }, 2);
    expect(fewer.body.termOfFrequency).toEqual({ ...all, annual: null });
    for (const [bad, field] of [
      [{ monthly: '1 month' }, 'termOfFrequency.monthly'],
      [{ annual: 12 }, 'termOfFrequency.annual'],
      [{ weekly: 'P7D' }, 'termOfFrequency.weekly'],
      [null, 'termOfFrequency'],
    ] as const) {
      expect(await patch(id, { termOfFrequency: bad }, 3)).toMatchObject({
        status: 400,
        body: { errors: [{ field }] },
      });
    }
  });

  it('guards its orders from the start; an admin sets single limits, null switches one off, and each change is said', async () => {
    const { id } = await create({ currency: 'JPY', orderGuard: { approvalDays: 3 } });
    const yen = { ...usualGuard.quoteFrom, yearlyAmount: 2_500_000 };
    const first = (await admin('GET', `/v1/connectors/${id}`)).body.orderGuard;
    expect(first).toMatchObject({ approvalDays: 3, quoteFrom: yen });

    const changed = await patch(id, { orderGuard: { quoteFrom: { seats: 40, percent: null } } }, 1);
    const more = await patch(id, { orderGuard: { quoteFrom: { purchasesPerHour: null } } }, 2);
    const expected = { ...first, quoteFrom: { ...yen, seats: 40, percent: null, purchasesPerHour: null } };
    expect([changed.status, more.body.orderGuard]).toEqual([200, expected]);
    expect((await patch(id, { orderGuard: { quoteFrom: { seats: 40 } } }, 3)).body.version).toBe(3);
    const said = await started.events(admin.tenantId);
    expect(said.map(({ data }) => data.orderGuard)).toMatchObject([
      first,
      { quoteFrom: { seats: 40, purchasesPerHour: 100 } },
      expected,
    ]);

    for (const [bad, field] of [
      [{ quoteFrom: { seats: 0 } }, 'orderGuard.quoteFrom.seats'],
      [{ quoteFrom: { seats: 2.5 } }, 'orderGuard.quoteFrom.seats'],
      [{ quoteFrom: { percent: 100 } }, 'orderGuard.quoteFrom.percent'],
      [{ quoteFrom: { percentFromSeats: null } }, 'orderGuard.quoteFrom.percentFromSeats'],
      [{ approvalFrom: { yearlyAmount: '1e9' } }, 'orderGuard.approvalFrom.yearlyAmount'],
      [{ approvalFrom: { purchasesPerHour: -1 } }, 'orderGuard.approvalFrom.purchasesPerHour'],
      [{ approvalFrom: { colour: 1 } }, 'orderGuard.approvalFrom.colour'],
      [{ approvalDays: 91 }, 'orderGuard.approvalDays'],
      [{ quoteFrom: null }, 'orderGuard.quoteFrom'],
      [null, 'orderGuard'],
    ] as const) {
      expect(await patch(id, { orderGuard: bad }, 3)).toMatchObject({
        status: 400,
        body: { errors: [{ field }] },
      });
    }
    const operator = await started.as('operator', admin.tenantId);
    const off = { orderGuard: { approvalFrom: { seats: null } } };
    const refused = await operator('PATCH', `/v1/connectors/${id}`, off, { 'if-match': '"3"' });
    expect(refused.status).toBe(403);
  });

  it('keeps by whom and when the partner of record was attested, until that is withdrawn or the account is another', async () => {
    const { id } = await create();
    const path = `/v1/connectors/${id}/partner-attestation`;
    const operator = await started.as('operator', admin.tenantId);
    expect(await admin('GET', path)).toMatchObject({
      status: 404,
      body: { type: 'urn:isthmus:problem:connector.not-attested', nextStep: expect.stringContaining('PUT') },
    });
    const recorded = await operator('PUT', path);
    expect(recorded).toMatchObject({
      status: 200,
      body: { by: operator.subject, at: expect.stringMatching(/Z$/) },
    });
    // A second time changes nothing: the first record counts.
    expect((await admin('PUT', path)).body).toEqual(recorded.body);
    expect((await admin('GET', path)).body).toEqual(recorded.body);
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({
      partnerAttestation: recorded.body,
      version: 2,
    });

    for (let times = 0; times < 2; times++) expect((await operator('DELETE', path)).status).toBe(204);
    expect((await admin('GET', `/v1/connectors/${id}`)).body).toMatchObject({
      partnerAttestation: null,
      version: 3,
    });

    await admin('PUT', path);
    const moved = await patch(id, { accountId: '1000002' }, 4);
    expect(moved.body).toMatchObject({ accountId: '1000002', partnerAttestation: null });
    expect(await subjects()).toHaveLength(5);
  });

  it('rests while paused, says why once, and is resumed', async () => {
    const { id } = await create();
    const operator = await started.as('operator', admin.tenantId);
    const path = `/v1/connectors/${id}`;
    const paused = await operator('POST', `${path}/pause`, { reason: 'Audit until Monday.' });
    expect(paused).toMatchObject({
      status: 200,
      body: {
        status: 'paused',
        version: 2,
        paused: { by: operator.subject, automatic: false, cause: 'person', detail: 'Audit until Monday.' },
      },
    });
    expect((await operator('POST', `${path}/pause`)).body).toEqual(paused.body);
    expect((await admin('GET', path)).body).toEqual(paused.body);
    for (let times = 0; times < 2; times++) {
      expect(await operator('POST', `${path}/resume`)).toMatchObject({
        status: 200,
        body: { status: 'active', paused: null, version: 3 },
      });
    }
    expect(await started.events(admin.tenantId)).toMatchObject([
      {},
      {
        subject: 'connector-config.connector-paused.v1',
        version: 2,
        data: { connectorId: id, automatic: false, detail: 'Audit until Monday.', by: operator.subject },
      },
      {
        subject: 'connector-config.connector-resumed.v1',
        version: 3,
        data: { connectorId: id, by: operator.subject },
      },
    ]);
  });
});
