import { randomUUID } from 'node:crypto';
import { eventually, type Json, schemaDifferences, type TestService } from '@isthmus/testing';
import { Controller, Delete, Module, Patch, Post, Put } from '@nestjs/common';
import { Client } from 'pg';
import { auditedNotes, runAuditedNotes } from '../../test/audited-notes.fixture.ts';
import { Allow, Audited } from '../auth/access.ts';
import { inTransaction } from '../database/transactions.ts';
import { readApiDocument } from '../start.ts';
import { actingAs, jobActor } from './actor.ts';
import { AuditLog } from './audit-log.job.ts';
import { audit } from './audit.store.ts';
import { verifyAudit } from './verify-audit.ts';

let notes: TestService;
beforeAll(async () => {
  notes = await runAuditedNotes();
});
afterAll(() => notes.stop());

const write = (id: string, body: object, as?: object, headers?: Record<string, string>) =>
  notes.call('PUT', `/v1/notes/${id}`, { body, as: as as never, headers });
const seal = async () => {
  let before = -1;
  await eventually(async () => {
    await notes.service.get(AuditLog).seal();
    const { left } = await notes.one(
      'select count(*)::int as left from audit_entries e where not exists (select from audit_links l where l.position = e.position)',
    );
    return (before = left) === 0;
  });
  expect(before).toBe(0);
};
const entries = async (query = '', as?: object): Promise<Json[]> =>
  (await notes.call('GET', `/v1/audit${query}`, { as: as as never })).body.data;
const verify = async () => {
  const client = new Client({ connectionString: notes.env.MIGRATION_DATABASE_URL });
  await client.connect();
  return verifyAudit(client, 'webhooks', undefined).finally(() => client.end());
};

it('has the tables that its entities declare', async () => {
  expect(await schemaDifferences(auditedNotes)).toEqual({ wrong: [], undeclared: [] });
});

describe('an entry', () => {
  it.each<[string, string, object]>([
    [
      'program',
      'whose token is for its own client',
      { sub: 'billing-export', more: { client_id: 'billing-export' } },
    ],
    ['program', 'whose token names it as the authorized party', { sub: 'b-7', more: { azp: 'b-7' } }],
    ['program', 'of Entra ID', { sub: 'b1', more: { idtyp: 'app', azp: 'b2' } }],
    ['program', 'of Auth0', { sub: 'b@clients', more: { gty: 'client-credentials', azp: 'b' } }],
    [
      'console',
      'person who uses a program',
      { sub: 'ann@reseller.example', more: { client_id: 'cli', idtyp: 'user' } },
    ],
  ])('has the channel %s for a %s', async (channel, _, claims) => {
    const id = randomUUID();
    await write(id, { text: 'x' }, { ...claims, roles: ['operator'] });
    await seal();
    expect(await entries(`?thingId=${id}`)).toMatchObject([{ channel, role: 'operator' }]);
  });

  it('says who did what through what, what changed, why, and in which request', async () => {
    const id = randomUUID();
    const as = { sub: 'ann@reseller.example', roles: ['viewer', 'operator'] };
    const headers = { 'x-correlation-id': 'from-the-console-1' };
    await write(id, { text: 'first' }, as, headers);
    await write(id, { text: 'second', reason: 'It was wrong.' }, as, headers);
    await notes.call('DELETE', `/v1/notes/${id}`, { as });
    await seal();
    const common = {
      subject: 'ann@reseller.example',
      channel: 'console',
      role: 'operator',
      thingType: 'note',
      thingId: id,
      time: expect.stringMatching(/Z$/),
      hash: expect.stringMatching(/^[\w-]{43}$/),
    };
    const [removed, changed, created] = await entries(`?thingId=${id}`);
    expect(removed).toMatchObject({
      ...common,
      action: 'note.remove',
      before: { text: 'second' },
      after: null,
    });
    expect(changed).toMatchObject({
      ...common,
      action: 'note.write',
      before: { text: 'first' },
      after: { text: 'second' },
      reason: 'It was wrong.',
      correlationId: 'from-the-console-1',
    });
    expect(created).toMatchObject({ ...common, before: null, after: { text: 'first' }, reason: null });
    expect(changed.previousHash).toBe(created.hash);
    expect(removed.sequence).toBe(changed.sequence + 1);
  });

  it('shows of a secret only that it changed, in the database too', async () => {
    const id = randomUUID();
    await write(id, { text: 'a', password: 'CANARY-1' });
    await seal();
    expect((await entries(`?thingId=${id}`))[0].after).toEqual({ text: 'a', password: 'changed' });
    const { text } = await notes.one('select string_agg(e::text, chr(10)) as text from audit_entries e');
    expect(text).not.toContain('CANARY-1');
  });

  it('is not written by a command that is rolled back, changes nothing, or is repeated', async () => {
    const id = randomUUID();
    expect((await write(id, { text: 'a', fail: true })).status).toBe(404);
    await write(id, { text: 'a' });
    await write(id, { text: 'a' });
    const headers = { 'idempotency-key': randomUUID() };
    const places = await Promise.all(
      [1, 2, 3].map(() => notes.call('POST', '/v1/notes', { body: { text: 'once' }, headers })),
    );
    expect(new Set(places.map(({ body }) => body.id)).size).toBe(1);
    await seal();
    expect(await entries(`?thingId=${id}`)).toHaveLength(1);
    expect(await entries(`?thingId=${places[0]!.body.id}`)).toMatchObject([{ action: 'note.place' }]);
  });

  it('is written for a job in its own name, and for nobody not at all', async () => {
    const change = { tenantId: notes.tenantId, action: 'note.expire', thing: ['note', 'n1'] as const };
    await actingAs(jobActor('webhooks'), () => audit(notes.pool as never, change));
    await expect(audit(notes.pool as never, change)).rejects.toThrow('no actor is known');
    await seal();
    expect(await entries('?action=note.expire')).toMatchObject([
      { subject: 'webhooks', channel: 'job', role: null, before: null, after: null },
    ]);
  });

  it('has an action that the route declares; another ends the command', async () => {
    const id = randomUUID();
    expect((await write(id, { text: 'a', action: 'note.misname' })).status).toBe(500);
    expect(await notes.rows('select from notes where id = $1', [id])).toHaveLength(0);
  });
});

describe('GET /v1/audit', () => {
  it('is for admins, and shows each tenant its own entries', async () => {
    const [id, other] = [randomUUID(), randomUUID()];
    await write(id, { text: 'mine' });
    await write(randomUUID(), { text: 'theirs' }, { tenant: other });
    await seal();
    expect((await notes.call('GET', '/v1/audit', { as: { roles: ['operator'] } })).status).toBe(403);
    expect(await entries('', { tenant: other })).toMatchObject([{ after: { text: 'theirs' }, sequence: 1 }]);
    expect((await entries()).every(({ after }) => after?.text !== 'theirs')).toBe(true);
  });

  it('is filtered by action, subject, thing and time, and paged', async () => {
    const tenant = randomUUID();
    const start = new Date().toISOString();
    const id = randomUUID();
    for (const text of ['1', '2', '3']) await write(id, { text }, { tenant, sub: 'ben' });
    await write(randomUUID(), { text: '4' }, { tenant, sub: 'cleo' });
    await seal();
    const all = (query: string) => entries(query, { tenant });
    expect(await all('?subject=cleo')).toHaveLength(1);
    expect(await all(`?subject=ben&thingType=note&thingId=${id}&action=note.write`)).toHaveLength(3);
    expect(await all('?action=note.remove')).toHaveLength(0);
    expect(await all(`?from=${start}`)).toHaveLength(4);
    expect(await all(`?to=${start}`)).toHaveLength(0);
    expect(await all('?from=2020-01-01&to=2999-12-31T23:59:59.999-11:00')).toHaveLength(4);
    const first = await notes.call('GET', '/v1/audit?limit=3', { as: { tenant } });
    const rest = await notes.call('GET', `/v1/audit?limit=3&cursor=${first.body.nextCursor}`, {
      as: { tenant },
    });
    expect([...first.body.data, ...rest.body.data].map(({ sequence }) => sequence)).toEqual([4, 3, 2, 1]);
    expect(rest.body.nextCursor).toBeNull();
    for (const bad of [
      '?from=2026-W01-1',
      '?to=2026-001',
      '?to=0000-01-01',
      '?from=yesterday',
      '?from=2026-02-30',
      '?from=2026-01-01T10:00',
      '?action=%00',
      '?subject=%01',
      '?cursor=WyJ4Il0',
      '?thingtype=a',
    ])
      expect((await notes.call('GET', `/v1/audit${bad}`)).status).toBe(400);
  });
});

describe('a chain', () => {
  it('has no gap when many change things at the same moment', async () => {
    const tenants = [randomUUID(), randomUUID()];
    const writes = Array.from({ length: 60 }, (_, index) =>
      write(randomUUID(), { text: String(index), fail: index % 6 === 0 }, { tenant: tenants[index % 2] }),
    );
    const sealing = Promise.all([1, 2, 3].map(() => notes.service.get(AuditLog).seal()));
    await Promise.all([...writes, sealing]);
    await seal();
    for (const tenant of tenants) {
      const found = await notes.rows(
        'select sequence::int from audit_links where tenant_id = $1 order by sequence',
        [tenant],
      );
      expect(found.map(({ sequence }) => sequence)).toEqual(found.map((_, index) => index + 1));
      expect(found.length).toBeGreaterThanOrEqual(20);
    }
    expect((await verify()).faults).toEqual([]);
  });

  it('waits for what was inserted before and is not committed yet', async () => {
    const change = { tenantId: randomUUID(), action: 'note.write', by: jobActor('webhooks') };
    let sealedMeanwhile = 0;
    await inTransaction(notes.pool, async (slow) => {
      await audit(slow, { ...change, thing: ['note', 'slow'] });
      await audit(notes.pool as never, { ...change, thing: ['note', 'fast'] });
      for (let round = 0; round < 3; round += 1) await notes.service.get(AuditLog).seal();
      sealedMeanwhile = (await notes.rows('select from audit_links where tenant_id = $1', [change.tenantId]))
        .length;
    });
    await seal();
    expect(sealedMeanwhile).toBe(0);
    expect(
      await notes.rows(
        `select e.thing_id as thing, l.sequence::int from audit_links l join audit_entries e using (position)
         where l.tenant_id = $1 order by sequence`,
        [change.tenantId],
      ),
    ).toEqual([
      { thing: 'slow', sequence: 1 },
      { thing: 'fast', sequence: 2 },
    ]);
  });

  it('has its end published, and again only when it has grown', async () => {
    await notes.service.get(AuditLog).publishHeads();
    await notes.events();
    const tenant = randomUUID();
    const publish = async () => {
      await seal();
      await notes.service.get(AuditLog).publishHeads();
      return (await notes.events()).filter(({ type }) => type === 'webhooks.audit-head-published.v1');
    };
    await write(randomUUID(), { text: '1' }, { tenant });
    await write(randomUUID(), { text: '2' }, { tenant });
    const [last] = (await seal(), await entries('', { tenant }));
    expect(await publish()).toMatchObject([
      { tenantId: tenant, aggregateId: tenant, version: 2, data: { entries: 2, hash: last.hash } },
    ]);
    expect(await publish()).toEqual([]);
    await write(randomUUID(), { text: '3' }, { tenant });
    expect(await publish()).toMatchObject([{ tenantId: tenant, data: { entries: 3 } }]);
  });
});

describe('the start ends', () => {
  const startWith = async (controller: new () => object) => {
    @Module({ controllers: [controller] })
    class More {}
    const { createService } = await import('../service.ts');
    const service = await createService({ ...auditedNotes, module: More }, notes.env);
    return service.listen();
  };

  it.each([
    ['POST', Post],
    ['PUT', Put],
    ['PATCH', Patch],
    ['DELETE', Delete],
  ])('with a %s route that declares no audit entry', async (method, Verb) => {
    @Controller('v1/things')
    class Things {
      @Verb()
      @Allow('operator')
      change(): void {}
    }
    await expect(startWith(Things)).rejects.toThrow(`declare no audit entry: ${method} /v1/things`);
  });

  it('with an action that is none', () => {
    expect(() => Audited('Update connector')).toThrow('not an action of an audit log');
  });
});

it('has in its API document which routes write entries, and why others write none', async () => {
  const { paths } = await readApiDocument(auditedNotes);
  expect(paths['/v1/notes/{id}']!.put).toMatchObject({ 'x-isthmus-audit': ['note.write'] });
  expect(paths['/v1/notes/preview']!.post).toMatchObject({ 'x-isthmus-not-audited': 'It writes nothing.' });
  expect(paths['/v1/audit']!.get).toMatchObject({ description: expect.stringContaining('admin') });
});
