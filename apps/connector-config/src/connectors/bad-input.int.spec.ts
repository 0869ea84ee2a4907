import {
  goodConnector,
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
    ['an unknown country', { country: 'EL' }, 'country'],
    ['a country of three letters', { country: 'GBR' }, 'country'],
    ['a currency of four letters', { currency: 'EURO' }, 'currency'],
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
    ['another way to write names', { fieldNames: 'snake_case' }, 'fieldNames'],
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

  it('that is empty is refused with each of the eight fields named once', async () => {
    const { status, body } = await admin('POST', '/v1/connectors', {});
    const required = [
      'name',
      'username',
      'password',
      'apiUrl',
      'accountId',
      'subscriptionKey',
      'country',
      'currency',
    ];
    expect(status).toBe(400);
    expect(body.errors).toEqual(required.map((field) => ({ field, message: `${field} is required` })));
    expect(body.detail).toMatch(/^8 field/);
  });

  it('that is wrong in several ways is refused with each field once and all that is wrong with it', async () => {
    const wrong = { name: 7, callLimit: { perMinute: 0.5, perDay: 'x' }, termOfFrequency: null };
    const { body } = await admin('POST', '/v1/connectors', goodConnector(wrong));
    const fields = body.errors.map(({ field }: { field: string }) => field);
    expect(fields.sort()).toEqual(['callLimit.perDay', 'callLimit.perMinute', 'name', 'termOfFrequency']);
    expect(body.errors.find(({ field }: { field: string }) => field === 'name').message).toContain('; ');
  });

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
