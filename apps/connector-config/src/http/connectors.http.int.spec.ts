import { randomUUID } from 'node:crypto';
import {
  goodConnector,
  secrets,
  startConnectorConfig,
  type Caller,
  type Started,
} from '../service.fixture.spec.ts';

let started: Started;
let admin: Caller;
beforeAll(async () => {
  started = await startConnectorConfig();
});
beforeEach(async () => {
  admin = await started.as('admin');
});
afterAll(() => started.stop());

const create = async (more: object = {}, caller = admin) => {
  const reply = await caller('POST', '/v1/connectors', goodConnector(more));
  expect(reply).toMatchObject({ status: 201 });
  return reply.body;
};
const patch = (id: string, body: unknown, version: number) =>
  admin('PATCH', `/v1/connectors/${id}`, body, { 'if-match': `"${version}"` });
const subjects = async () => (await started.events(admin.tenantId)).map(({ subject }) => subject);

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
      status: 'active',
      paused: null,
      verification: null,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      version: 1,
    });

    const read = await admin('GET', `/v1/connectors/${id}`);
    expect([read.status, read.headers.get('etag'), read.body]).toEqual([200, '"1"', created.body]);

    const settings = { country: 'GB', schedule: { tickMinutes: 0 }, callLimit: { perMinute: null } };
    const changed = await patch(id, settings, 1);
    expect([changed.status, changed.headers.get('etag')]).toEqual([200, '"2"']);
    expect(changed.body).toMatchObject({
      country: 'GB',
      marketplace: 'uk',
      schedule: { tickMinutes: 0, sweepMinutes: 60, accountsMinutes: 1440 },
      callLimit: { perMinute: null, perDay: 5000 },
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
    await create({ name: 'ingrammicro UK' });
    expect(await subjects()).toHaveLength(4);
  });

  it('is made once when the same name arrives ten times at once', async () => {
    const body = goodConnector();
    const replies = await Promise.all(
      Array.from({ length: 10 }, () => admin('POST', '/v1/connectors', body)),
    );
    expect(replies.map(({ status }) => status).sort()).toEqual([201, ...Array(9).fill(409)]);
    expect(await subjects()).toHaveLength(1);
  });

  it('is changed by one of two who read the same version', async () => {
    const { id } = await create();
    const replies = await Promise.all([patch(id, { accountId: '7' }, 1), patch(id, { accountId: '8' }, 1)]);
    expect(replies.map(({ status }) => status).sort()).toEqual([200, 412]);
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
      [{ username: 'mallory.api' }, ['password']],
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

  it('takes the marketplace of its country unless one is chosen', async () => {
    const { id } = await create({ country: 'GB', marketplace: 'stg' });
    expect((await patch(id, { marketplace: null }, 1)).body).toMatchObject({
      marketplace: 'uk',
      marketplaceDerived: true,
    });
    expect(await admin('POST', '/v1/connectors', goodConnector({ country: 'JP' }))).toMatchObject({
      status: 400,
      body: { errors: [{ field: 'marketplace' }] },
    });
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

describe('the list', () => {
  it('is paged by name and shows every connector once', async () => {
    const names = ['b', 'A', 'd', 'C', 'e'];
    for (const name of names) await create({ name });
    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await admin('GET', `/v1/connectors?limit=2${cursor && `&cursor=${cursor}`}`);
      seen.push(...body.data.map(({ name }: { name: string }) => name));
      cursor = body.nextCursor;
    } while (cursor);
    expect(seen).toEqual(['A', 'b', 'C', 'd', 'e']);
  });

  it.each(['limit=0', 'limit=201', 'limit=x', 'cursor=nonsense', 'cursor=WyJcdTAwMDAiXQ', 'order=name'])(
    'refuses ?%s',
    async (query) => {
      expect((await admin('GET', `/v1/connectors?${query}`)).status).toBe(400);
    },
  );
});

describe('bad input', () => {
  const without = (field: string) => ({ [field]: undefined });
  const badBodies: [string, object, string][] = [
    ...['name', 'username', 'password', 'apiUrl', 'accountId', 'subscriptionKey', 'country', 'currency'].map(
      (field): [string, object, string] => [`no ${field}`, without(field), field],
    ),
    ['a null name', { name: null }, 'name'],
    ['a blank name', { name: '   ' }, 'name'],
    ['a name of 101 letters', { name: 'x'.repeat(101) }, 'name'],
    ['a control character', { name: 'a\u0007b' }, 'name'],
    ['a number for a name', { name: 7 }, 'name'],
    ['a colon in the user name', { username: 'a:b' }, 'username'],
    ['a line break in the key', { subscriptionKey: 'abc\r\nX-Evil: 1' }, 'subscriptionKey'],
    ['an unknown country', { country: 'UK' }, 'country'],
    ['an unknown currency', { currency: 'US$' }, 'currency'],
    ['no URL', { apiUrl: 'api.cloud.im' }, 'apiUrl'],
    ['http', { apiUrl: 'http://api.cloud.im/marketplace/na' }, 'apiUrl'],
    ['another scheme', { apiUrl: 'file:///etc/passwd' }, 'apiUrl'],
    ['credentials in the URL', { apiUrl: 'https://u:p@api.cloud.im' }, 'apiUrl'],
    ['a query in the URL', { apiUrl: 'https://api.cloud.im/?a=b' }, 'apiUrl'],
    ['a private address', { apiUrl: 'https://10.0.0.1/' }, 'apiUrl'],
    ['the metadata address', { apiUrl: 'https://169.254.169.254/' }, 'apiUrl'],
    ['localhost', { apiUrl: 'https://localhost/' }, 'apiUrl'],
    ['an unknown field', { colour: 'red' }, 'colour'],
    ['an unknown field inside', { schedule: { hours: 1 } }, 'schedule.hours'],
    ['half a minute', { schedule: { tickMinutes: 0.5 } }, 'schedule.tickMinutes'],
    ['a negative limit', { callLimit: { perDay: -1 } }, 'callLimit.perDay'],
    ['a schedule that is a list', { schedule: [] }, 'schedule'],
    ['a null schedule', { schedule: null }, 'schedule'],
    ['an odd marketplace', { marketplace: 'u s' }, 'marketplace'],
  ];

  it.each(badBodies)(
    'with %s is refused with the field named, and nothing is written',
    async (_, more, field) => {
      const before = await started.rows('select count(*)::int as n from connectors');
      const reply = await admin('POST', '/v1/connectors', { ...goodConnector(), ...more });
      expect(reply.headers.get('content-type')).toMatch('application/problem+json');
      expect(reply).toMatchObject({
        status: 400,
        body: { type: 'urn:isthmus:problem:invalid-input', correlationId: expect.any(String) },
      });
      expect(reply.body.errors.map((error: { field: string }) => error.field)).toContain(field);
      expect(await started.rows('select count(*)::int as n from connectors')).toEqual(before);
      expect(await subjects()).toEqual([]);
    },
  );

  it('is refused in a change as well, and the connector stays as it was', async () => {
    const created = await create();
    const bad = badBodies.filter(([what, , field]) => !what.startsWith('no ') || field === 'apiUrl');
    for (const [what, more] of bad.filter(([, more]) => Object.values(more)[0] !== undefined)) {
      expect([what, (await patch(created.id, more, 1)).status]).toEqual([what, 400]);
    }
    expect((await admin('GET', `/v1/connectors/${created.id}`)).body).toEqual(created);
  });

  it.each([
    ['malformed JSON', '{"name":', 400],
    ['a list', '[]', 400],
    ['a NUL character', JSON.stringify(goodConnector({ name: 'a\u0000b' })), 400],
    ['a body over 1 MB', JSON.stringify(goodConnector({ name: 'x'.repeat(1_100_000) })), 413],
  ])('that is %s is refused', async (_, body, status) => {
    expect(await admin('POST', '/v1/connectors', body)).toMatchObject({ status, body: { status } });
    expect(await subjects()).toEqual([]);
  });

  it('of a change without If-Match, or with an old one, is refused', async () => {
    const { id } = await create();
    expect((await admin('PATCH', `/v1/connectors/${id}`, { name: 'x' })).status).toBe(428);
    expect((await patch(id, { name: 'x' }, 7)).status).toBe(412);
    expect(await subjects()).toHaveLength(1);
  });

  it('as an id that is no UUID is refused', async () => {
    expect((await admin('GET', "/v1/connectors/1'or'1")).status).toBe(400);
  });
});

describe('API keys', () => {
  it('are shown once, listed by their beginning, and revoked', async () => {
    const { id } = await create();
    const keys = `/v1/connectors/${id}/api-keys`;
    const issued = await admin('POST', keys, { label: 'Work 365' });
    expect(issued.status).toBe(201);
    expect(issued.headers.get('cache-control')).toBe('no-store');
    const { key, ...shown } = issued.body;
    expect(shown).toMatchObject({ label: 'Work 365', createdBy: admin.subject, lastUsedAt: null });
    expect(key.startsWith(shown.prefix)).toBe(true);
    expect((await admin('GET', keys)).body).toEqual({ data: [shown], nextCursor: null });
    expect(await started.dump()).not.toContain(key);

    expect((await admin('DELETE', `${keys}/${shown.id}`)).status).toBe(204);
    expect((await admin('DELETE', `${keys}/${shown.id}`)).status).toBe(404);
    expect((await admin('GET', keys)).body.data).toEqual([]);
  });

  it('are paged and need a label', async () => {
    const { id } = await create();
    const keys = `/v1/connectors/${id}/api-keys`;
    for (const label of ['one', 'two', 'three']) await admin('POST', keys, { label });
    const first = (await admin('GET', `${keys}?limit=2`)).body;
    const second = (await admin('GET', `${keys}?limit=2&cursor=${first.nextCursor}`)).body;
    const labels = [...first.data, ...second.data].map(({ label }: { label: string }) => label);
    expect([labels.sort(), second.nextCursor]).toEqual([['one', 'three', 'two'], null]);
    expect((await admin('GET', `${keys}?cursor=WyJ4Il0`)).status).toBe(400);
    expect((await admin('POST', keys, { label: ' ' })).status).toBe(400);
  });
});

describe('who may do what', () => {
  const anyId = randomUUID();
  const routes: [string, string, 'viewer' | 'operator' | 'admin'][] = [
    ['GET', '/v1/connectors', 'viewer'],
    ['POST', '/v1/connectors', 'admin'],
    ['POST', '/v1/connectors/verify', 'operator'],
    ['GET', `/v1/connectors/${anyId}`, 'viewer'],
    ['PATCH', `/v1/connectors/${anyId}`, 'admin'],
    ['DELETE', `/v1/connectors/${anyId}`, 'admin'],
    ['POST', `/v1/connectors/${anyId}/verify`, 'operator'],
    ['POST', `/v1/connectors/${anyId}/pause`, 'operator'],
    ['POST', `/v1/connectors/${anyId}/resume`, 'operator'],
    ['GET', `/v1/connectors/${anyId}/api-keys`, 'viewer'],
    ['POST', `/v1/connectors/${anyId}/api-keys`, 'admin'],
    ['DELETE', `/v1/connectors/${anyId}/api-keys/${anyId}`, 'admin'],
  ];
  const roles = ['viewer', 'operator', 'admin'];

  it.each(routes)('%s %s needs a token with the role %s or a higher one', async (method, path, least) => {
    expect((await fetch(started.url + path, { method })).status).toBe(401);
    for (const role of roles) {
      const { status } = await (await started.as(role))(method, path);
      expect([role, status === 403]).toEqual([role, roles.indexOf(role) < roles.indexOf(least)]);
    }
  });

  it('no tenant sees or touches a connector of another', async () => {
    const { id, ...rest } = await create();
    const key = (await admin('POST', `/v1/connectors/${id}/api-keys`, { label: 'l' })).body;
    const stranger = await started.as('admin');
    const path = `/v1/connectors/${id}`;
    const tries: [string, string, unknown?, Record<string, string>?][] = [
      ['GET', path],
      ['PATCH', path, { name: 'mine' }, { 'if-match': '"1"' }],
      ['DELETE', path],
      ['POST', `${path}/verify`],
      ['POST', `${path}/pause`],
      ['POST', `${path}/resume`],
      ['GET', `${path}/api-keys`],
      ['POST', `${path}/api-keys`, { label: 'mine' }],
      ['DELETE', `${path}/api-keys/${key.id}`],
    ];
    for (const [method, where, body, headers] of tries) {
      expect([method, where, (await stranger(method, where, body, headers)).status]).toEqual([
        method,
        where,
        404,
      ]);
    }
    const { id: own } = await create({}, stranger);
    expect((await stranger('DELETE', `/v1/connectors/${own}/api-keys/${key.id}`)).status).toBe(404);
    expect((await stranger('GET', '/v1/connectors')).body.data).toHaveLength(1);
    expect((await admin('GET', path)).body).toEqual({ id, ...rest });
    expect((await admin('GET', `${path}/api-keys`)).body.data).toHaveLength(1);
  });
});

it('no secret is in any answer, log line, event or table', async () => {
  const { id } = await create();
  await patch(id, secrets, 1);
  await admin('POST', '/v1/connectors', { ...goodConnector(), country: 'XX' });
  await admin('POST', `/v1/connectors/${id}/pause`);
  const everything = started.said.join('\n') + (await started.dump());
  expect(everything.length).toBeGreaterThan(10_000);
  for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
});
