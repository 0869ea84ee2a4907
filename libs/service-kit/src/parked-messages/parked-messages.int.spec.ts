import { randomUUID } from 'node:crypto';
import { ProviderAccountLinkedV1 } from '@isthmus/contracts';
import { type Message, On } from '@isthmus/messaging';
import { eventually, runService, type TestService } from '@isthmus/testing';
import { Controller, Module } from '@nestjs/common';
import { Pool } from 'pg';
import { auditedNotes } from '../../test/audited-notes.fixture.ts';
import { AuditLog } from '../audit/audit-log.job.ts';
import { audit } from '../audit/audit.store.ts';

/** Writes an entry of its own, which no route declares; fails while it is broken. */
@Controller()
class Links {
  static broken: Error | undefined;
  static readonly handled: string[] = [];

  constructor(private readonly pool: Pool) {}

  @On(ProviderAccountLinkedV1)
  async handle(data: ProviderAccountLinkedV1, { tenantId }: Message): Promise<void> {
    if (Links.broken) throw Links.broken;
    const thing = ['note', 'by-a-message'] as const;
    const by = { subject: 'webhooks', channel: 'job', role: null } as const;
    await audit(this.pool, { tenantId, action: 'note.write', thing, after: { text: 'x' }, by });
    Links.handled.push(data.by);
  }
}

@Module({ controllers: [Links] })
class LinksModule {}

let notes: TestService;
beforeAll(async () => {
  notes = await runService({ ...auditedNotes, module: LinksModule });
});
afterEach(() => notes.rows('truncate parked_messages'));
afterAll(() => notes.stop());

const all = '/v1/parked-messages';
const canary = 'CANARY-qL7dP2xW9vB4nK8s';

/** A message as it is parked, with something in it that nobody must see. */
async function park(row: Record<string, unknown> = {}): Promise<string> {
  const id = randomUUID();
  const headers = {
    'ce-id': randomUUID(),
    'ce-type': 'account-sync.provider-account-linked.v1',
    'ce-source': '/isthmus/account-sync',
    'ce-tenantid': notes.tenantId,
    'ce-subject': 'account-1',
    'ce-correlationid': 'from-the-console-1',
    'ce-aggregateversion': '1',
    'ce-time': '2026-11-01T10:00:00.000Z',
    traceparent: `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`,
    'x-secret': canary,
  };
  const data = { providerAccountId: randomUUID(), tenantAccountId: 'T-1', by: canary };
  await notes.insert('parked_messages', {
    id,
    direction: 'in',
    subject: `account-sync.${notes.tenantId}.provider-account-linked.v1`,
    message_id: randomUUID(),
    headers: JSON.stringify(headers),
    payload: Buffer.from(JSON.stringify(data)),
    reason: 'handler.failed',
    detail: `The account of ${canary} is not known.`,
    tries: 5,
    ...row,
  });
  return id;
}

const call = (method: string, path: string, body?: object, role = 'operator') =>
  notes.call(method, path, { body, as: { roles: [role] } });
const auditOf = async (id: string) => {
  await eventually(async () => {
    await notes.service.get(AuditLog).seal();
    return (await notes.call('GET', `/v1/audit?thingId=${id}`)).body.data.length > 0;
  });
  return (await notes.call('GET', `/v1/audit?thingId=${id}`)).body.data;
};

it('shows what was parked and why, and nothing of what is in it', async () => {
  const id = await park();
  const list = await call('GET', all, undefined, 'viewer');
  expect(list.body.data).toEqual([(await call('GET', `${all}/${id}`, undefined, 'viewer')).body]);
  expect(list.body.data[0]).toMatchObject({
    id,
    direction: 'in',
    eventType: 'account-sync.provider-account-linked.v1',
    subject: 'account-1',
    publishedAt: '2026-11-01T10:00:00.000Z',
    correlationId: 'from-the-console-1',
    traceId: 'a'.repeat(32),
    reason: 'handler.failed',
    detail: 'The account of [redacted] is not known.',
    remedy: 'retry',
    tries: 5,
  });
  await park({
    reason: 'payload.unreadable',
    detail: `Unexpected token 'C', "${canary.slice(0, 12)}" is not valid JSON`,
    headers: '{"ce-time": "whenever"}',
  });
  const { text, body } = await call('GET', all, undefined, 'viewer');
  expect(text).not.toContain('CANARY');
  expect(body.data[0]).toMatchObject({
    detail: 'The payload is not valid JSON.',
    remedy: 'drop',
    publishedAt: null,
    eventId: null,
  });
});

it('pages through them, newest first', async () => {
  const ids = [];
  for (const minute of [1, 2, 3])
    ids.push(await park({ parked_at: new Date(Date.UTC(2026, 0, 1, 0, minute)) }));
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const { body } = await call('GET', `${all}?limit=1${cursor}`);
    seen.push(...body.data.map((one: { id: string }) => one.id));
    if (body.nextCursor === null) break;
    cursor = `&cursor=${body.nextCursor}`;
  }
  expect(seen).toEqual(ids.toReversed());
  expect((await call('GET', `${all}?cursor=x`)).status).toBe(400);
});

it("keeps another tenant's to itself", async () => {
  const other = randomUUID();
  const id = await park({ subject: `account-sync.${other}.provider-account-linked.v1` });
  expect((await call('GET', all)).body.data).toEqual([]);
  for (const [method, path, body] of [
    ['GET', `${all}/${id}`],
    ['POST', `${all}/${id}/retry`],
    ['POST', `${all}/${id}/drop`, { reason: 'not mine' }],
  ] as const)
    expect([path, (await call(method, path, body)).status]).toEqual([path, 404]);
  expect(await notes.rows('select id from parked_messages')).toEqual([{ id }]);
});

it('drops one for an operator with a reason, which is in the audit log', async () => {
  const id = await park();
  const drop = `${all}/${id}/drop`;
  expect((await call('POST', drop, { reason: 'It is a test.' }, 'viewer')).status).toBe(403);
  for (const body of [{}, { reason: '' }, { reason: 'x' }, { reason: 7 }])
    expect([body, (await call('POST', drop, body)).status]).toEqual([body, 400]);
  expect(await notes.rows('select id from parked_messages')).toHaveLength(1);
  expect((await call('POST', drop, { reason: 'It is a test.' })).status).toBe(204);
  expect(await notes.rows('select id from parked_messages')).toEqual([]);
  const [entry] = await auditOf(id);
  expect(entry).toMatchObject({
    action: 'parked-message.drop',
    role: 'operator',
    reason: 'It is a test.',
    before: { eventType: 'account-sync.provider-account-linked.v1', subject: 'account-1', tries: 5 },
    after: null,
  });
  expect(JSON.stringify(entry)).not.toContain('CANARY');
  expect((await call('POST', drop, { reason: 'It is a test.' })).status).toBe(404);
});

it('retries one: while it fails it stays and says why; then its effect is the operator’s, and it is gone', async () => {
  const id = await park();
  expect((await call('POST', `${all}/${id}/retry`, undefined, 'viewer')).status).toBe(403);
  Links.broken = new Error(`No, said ${canary}.`);
  const again = await call('POST', `${all}/${id}/retry`);
  expect([again.status, again.body.type]).toEqual([409, 'urn:isthmus:problem:parked-message-failed-again']);
  expect(again.body).toMatchObject({ detail: 'No, said [redacted].', nextStep: expect.any(String) });
  expect((await call('GET', `${all}/${id}`)).body).toMatchObject({
    tries: 6,
    detail: 'No, said [redacted].',
  });

  Links.broken = undefined;
  expect((await call('POST', `${all}/${id}/retry`)).status).toBe(204);
  expect(Links.handled).toEqual([canary]);
  expect((await auditOf(id))[0]).toMatchObject({ action: 'parked-message.retry', role: 'operator' });
  expect((await auditOf('by-a-message'))[0]).toMatchObject({ action: 'note.write', channel: 'console' });
  expect((await call('POST', `${all}/${id}/retry`)).status).toBe(404);
});

it('says so when this service has no handler for it', async () => {
  const id = await park({ subject: `account-sync.${notes.tenantId}.invoice-imported.v1` });
  const { status, body } = await call('POST', `${all}/${id}/retry`);
  expect([status, body.detail]).toEqual([409, expect.stringContaining('no handler')]);
});
