import { randomUUID } from 'node:crypto';
import { TenantStore } from '@isthmus/service-kit';
import { MikroORM } from '@mikro-orm/postgresql';
import {
  goodConnector,
  secrets,
  startConnectorConfig,
  startMs,
  type Caller,
  type Started,
} from '../../test/service.fixture.ts';
import { Connector } from './connector.entity.ts';

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

it('is never read without a tenant', async () => {
  const { id } = await create({ name: 'Of one tenant' });
  const { em } = started.service.get(MikroORM);
  await expect(em.fork().findOne(Connector, { id })).rejects.toThrow("filter 'tenant'");
  const store = started.service.get(TenantStore);
  expect(await store.read(randomUUID(), (own) => own.findOne(Connector, { id }))).toBeNull();
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
    ['GET', `/v1/connectors/${anyId}/removal`, 'viewer'],
    ['POST', `/v1/connectors/${anyId}/verify`, 'operator'],
    ['POST', `/v1/connectors/${anyId}/pause`, 'operator'],
    ['POST', `/v1/connectors/${anyId}/resume`, 'operator'],
    ['GET', `/v1/connectors/${anyId}/partner-attestation`, 'viewer'],
    ['PUT', `/v1/connectors/${anyId}/partner-attestation`, 'operator'],
    ['DELETE', `/v1/connectors/${anyId}/partner-attestation`, 'operator'],
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
      ['DELETE', `${path}?force=true`],
      ['GET', `${path}/removal`],
      ['POST', `${path}/verify`],
      ['POST', `${path}/pause`],
      ['POST', `${path}/resume`],
      ['GET', `${path}/partner-attestation`],
      ['PUT', `${path}/partner-attestation`],
      ['DELETE', `${path}/partner-attestation`],
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

it('no secret is in any answer, log line, event or table; an API key is in the one answer that gives it', async () => {
  const { id } = await create();
  await patch(id, secrets, 1);
  const { key } = (await admin('POST', `/v1/connectors/${id}/api-keys`, { label: 'Work 365' })).body;
  await admin('POST', '/v1/connectors', { ...goodConnector(), country: 'XX' });
  await admin('POST', `/v1/connectors/${id}/pause`);
  const everything = started.output.join('\n') + (await started.dump());
  expect(everything.length).toBeGreaterThan(10_000);
  for (const secret of Object.values(secrets)) expect(everything).not.toContain(secret);
  expect(everything.split(key)).toHaveLength(2);
});
