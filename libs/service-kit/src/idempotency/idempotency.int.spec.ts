import { Pool } from 'pg';
import { ApiResponse } from '../http/api-response.ts';
import { Note, type RunningNotes, runNotes } from '../../test/notes.fixture.ts';
import type { IdempotentRequest } from './idempotent-request.ts';
import { deleteExpiredKeys, idempotent, idempotentStatement } from './idempotent.ts';
import { MikroORM } from '@mikro-orm/postgresql';

let notes: RunningNotes;
beforeAll(async () => {
  notes = await runNotes();
});
afterAll(() => notes.close());

const write = (body: unknown, key: string) =>
  notes.call('POST', '/v1/notes', { body, headers: { 'idempotency-key': key } });
const count = async (text: string) => {
  const { rows } = await notes.pool.query('select count(*)::int as n from notes where text = $1', [text]);
  return rows[0].n;
};

it('does nothing without a key', async () => {
  const refused = await notes.call('POST', '/v1/notes', { body: { text: 'keyless' } });
  expect(refused).toMatchObject({
    status: 400,
    body: { type: 'urn:isthmus:problem:idempotency-key-required' },
  });
  expect(await count('keyless')).toBe(0);
});

it.each([
  ['short', 'has 5 characters'],
  ['x', 'has 1 character.'],
  ['y'.repeat(256), 'has 256 characters'],
  ['with a blank', 'characters that are not allowed'],
])('says what is wrong with the key "%s"', async (key, detail) => {
  expect(await write({ text: 'bad key' }, key)).toMatchObject({
    status: 400,
    body: {
      type: 'urn:isthmus:problem:bad-idempotency-key',
      title: 'The Idempotency-Key is not valid',
      detail: expect.stringContaining(detail),
    },
  });
  expect(await count('bad key')).toBe(0);
});

it('gives a repetition the first answer, to the letter, and no second effect', async () => {
  const key = crypto.randomUUID();
  const first = await write({ text: 'once' }, key);
  const again = await write({ text: 'once' }, key);
  expect(again).toMatchObject({ status: 202, body: first.body });
  expect(again.headers.get('location')).toBe(first.headers.get('location'));
  expect(again.headers.get('idempotency-replayed')).toBe('true');
  expect(await count('once')).toBe(1);
});

it('knows the same body by its content, not its order of members', async () => {
  const key = crypto.randomUUID();
  await write({ text: 'ordered', labels: [] }, key);
  expect((await write({ labels: [], text: 'ordered' }, key)).status).toBe(202);
});

it('refuses the key for another body', async () => {
  const key = crypto.randomUUID();
  await write({ text: 'this' }, key);
  expect(await write({ text: 'that' }, key)).toMatchObject({
    status: 422,
    body: { type: 'urn:isthmus:problem:idempotency-key-reused' },
  });
});

it('keeps keys of two resources apart, though they have one route', async () => {
  const key = crypto.randomUUID();
  const made = await Promise.all(['one', 'other'].map((text) => write({ text }, crypto.randomUUID())));
  const copies = [];
  for (const { body } of made)
    copies.push(
      await notes.call('POST', `/v1/notes/${body.id}/copies`, { headers: { 'idempotency-key': key } }),
    );
  expect(copies.map(({ body }) => body.text)).toEqual(['one', 'other']);
  expect(copies.map(({ headers }) => headers.get('idempotency-replayed'))).toEqual([null, null]);
});

it('keeps keys of tenants apart', async () => {
  const key = crypto.randomUUID();
  const token = await notes.issuer.token({ tenant: crypto.randomUUID() });
  await write({ text: 'mine' }, key);
  const other = await notes.call('POST', '/v1/notes', {
    token,
    body: { text: 'theirs' },
    headers: { 'idempotency-key': key },
  });
  expect(other.body).toMatchObject({ text: 'theirs' });
});

it('leaves the key free when the effect fails', async () => {
  const key = crypto.randomUUID();
  expect((await write({ text: 'locked' }, key)).status).toBe(409);
  expect(await write({ text: 'locked' }, key)).toMatchObject({
    body: { type: 'urn:isthmus:problem:note.locked' },
  });
});

it('has one effect when 50 come at once; the others hear 409 or the same answer', async () => {
  const key = crypto.randomUUID();
  const answers = await Promise.all(Array.from({ length: 50 }, () => write({ text: 'fifty' }, key)));
  const statuses = new Set(answers.map(({ status }) => status));
  expect([...statuses].every((status) => status === 202 || status === 409)).toBe(true);
  expect(new Set(answers.filter(({ status }) => status === 202).map(({ body }) => body.id)).size).toBe(1);
  expect(await count('fifty')).toBe(1);
});

const request = (more: Partial<IdempotentRequest> = {}): IdempotentRequest => ({
  tenantId: crypto.randomUUID(),
  route: 'POST /v1/orders',
  key: crypto.randomUUID(),
  bodyHash: 'a',
  ...more,
});

it('says 409 with Retry-After while the first is running', async () => {
  const em = notes.service.get(MikroORM).em;
  const same = request();
  const started = Promise.withResolvers<void>();
  const finish = Promise.withResolvers<void>();
  const first = idempotent(em, same, async () => {
    started.resolve();
    await finish.promise;
    return ApiResponse.ok({ done: true });
  });
  await started.promise;
  await expect(idempotent(em, same, () => Promise.reject(new Error('must not run')))).rejects.toMatchObject({
    status: 409,
    retryAfterSeconds: 1,
  });
  finish.resolve();
  expect((await first).body).toEqual({ done: true });
});

it('rolls the record of the answer back together with the effect', async () => {
  const em = notes.service.get(MikroORM).em;
  const same = request();
  const failing = idempotent(em, same, async (own) => {
    own.create(Note, { id: crypto.randomUUID(), tenantId: same.tenantId, text: 'half', version: 1 });
    await own.flush();
    throw new Error('power cut');
  });
  await expect(failing).rejects.toThrow('power cut');
  expect(await count('half')).toBe(0);
  expect((await idempotent(em, same, async () => ApiResponse.ok({ n: 2 }))).body).toEqual({ n: 2 });
});

it('forgets old keys, and the key of yesterday still answers', async () => {
  const pool = notes.service.get(Pool);
  const [old, young] = [crypto.randomUUID(), crypto.randomUUID()];
  await write({ text: 'long ago' }, old);
  await write({ text: 'yesterday' }, young);
  const age = `update idempotency_keys set created_at = now() - $2 * interval '1 day' where key = $1`;
  await notes.pool.query(age, [old, 31]);
  await notes.pool.query(age, [young, 29]);
  expect(await deleteExpiredKeys(pool, 30)).toBe(1);
  expect((await write({ text: 'yesterday' }, young)).headers.get('idempotency-replayed')).toBe('true');
  expect((await write({ text: 'long ago' }, old)).headers.get('idempotency-replayed')).toBeNull();
});

describe('in one statement', () => {
  const place = (same: IdempotentRequest, text: string) =>
    idempotentStatement(
      notes.service.get(Pool),
      same,
      ApiResponse.accepted('/v1/notes/1', { text }),
      (p) =>
        `placed as (insert into notes (id, tenant_id, text) select ${p(crypto.randomUUID())}::uuid, ${p(same.tenantId)}::uuid, ${p(text)} from fresh)`,
    );

  it('50 at once have one effect and one answer', async () => {
    const same = request();
    const answers = await Promise.all(Array.from({ length: 50 }, () => place(same, 'statement')));
    expect(await count('statement')).toBe(1);
    expect(answers.filter(({ headers }) => headers['idempotency-replayed'] === 'true')).toHaveLength(49);
    expect(new Set(answers.map(({ body }) => JSON.stringify(body))).size).toBe(1);
  });

  it('another body is refused', async () => {
    const same = request();
    await place(same, 'first');
    await expect(place({ ...same, bodyHash: 'b' }, 'second')).rejects.toMatchObject({ status: 422 });
    expect(await count('second')).toBe(0);
  });
});
