import { randomUUID } from 'node:crypto';
import { claimRun } from '@isthmus/sync-engine';
import {
  problemOf,
  runAccountSync,
  type Json,
  type RunningAccountSync,
} from '../../test/account-sync.fixture.ts';

let api: RunningAccountSync;
let connectorId: string;
beforeAll(async () => {
  api = await runAccountSync();
});
afterAll(() => api.stop());
beforeEach(async () => {
  connectorId = await api.connector();
  await api.publishedEvents();
  await api.dueRunsAnnounced();
});

const seconds = (n: number) => new Date(Date.now() - n * 1000);

describe('looking at runs', () => {
  it('shows pace, time left, counts, budget and failure', async () => {
    const budget = {
      limit: 55,
      usedLastMinute: 12,
      usedToday: 3,
      dailyLimit: 5_000,
      closedUntil: null,
      heldBackBy: 'pace',
      waiting: { order: 0, interactive: 0, sync: 2, scrub: 0 },
    };
    const failure = {
      code: 'cmp.throttled',
      detail: 'Too many calls.',
      nextStep: 'Wait.',
      correlationId: 'cmp-1',
    };
    const id = await api.run(connectorId, {
      status: 'running',
      phase: 'listing',
      done: 5_000,
      total: 20_000,
      phase_started_at: seconds(100),
      heartbeat_at: seconds(1),
      started_at: seconds(120),
      budget: JSON.stringify(budget),
      failure: JSON.stringify(failure),
      counts: JSON.stringify({ read: 500, changed: 3 }),
    });
    const { body } = await api.call('GET', `/v1/sync-runs/${id}`, { as: { roles: ['viewer'] } });
    expect(body).toMatchObject({
      percent: 25,
      counts: { read: 500, changed: 3 },
      budget,
      failure,
      waiting: null,
      complete: null,
    });
    expect(body.ratePerSecond).toBeGreaterThan(40);
    expect(body.etaSeconds).toBeGreaterThan(280);
    expect(body.etaSeconds).toBeLessThan(400);
  });

  it('explains a silence of more than a minute', async () => {
    const id = await api.run(connectorId, {
      status: 'running',
      heartbeat_at: seconds(90),
      phase_started_at: seconds(100),
    });
    const { body } = await api.call('GET', `/v1/sync-runs/${id}`);
    expect(body.waiting.reason).toMatch(/not responded since/);
  });

  it('lists them newest first, page by page, each once, also those of one microsecond', async () => {
    const at = (micros: number) => `2026-03-01T10:00:00.00000${micros}Z`;
    const ids = [];
    for (const micros of [1, 2, 2, 2, 3]) ids.unshift(await api.run(connectorId, { created_at: at(micros) }));

    const seen: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.call('GET', `/v1/sync-runs?connectorId=${connectorId}&limit=2${cursor}`);
      seen.push(...body.data.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);

    expect(seen[0]).toBe(ids[0]);
    expect(seen.at(-1)).toBe(ids.at(-1));
    expect([...seen].sort()).toEqual([...ids].sort());
  });

  it('filters by status and scope', async () => {
    const failed = await api.run(connectorId, { status: 'failed', scope: 'orders' });
    await api.run(connectorId, { status: 'succeeded', scope: 'orders' });
    await api.run(connectorId, { status: 'failed', scope: 'accounts' });
    const { body } = await api.call(
      'GET',
      `/v1/sync-runs?connectorId=${connectorId}&status=failed&scope=orders`,
    );
    expect(body.data.map(({ id }: { id: string }) => id)).toEqual([failed]);
  });

  it('filters by what started it, and when', async () => {
    const of = await api.connector({ name: 'Ingram FR' });
    const dated = (day: string, trigger: string) =>
      api.run(of, { trigger, created_at: `2026-03-0${day}T10:00:00Z` });
    const [first, second] = [await dated('1', 'person'), await dated('2', 'event')];
    const list = async (query: string) =>
      (await api.call('GET', `/v1/sync-runs?connectorId=${of}&${query}`)).body.data.map(
        ({ id }: { id: string }) => id,
      );
    expect(await list('trigger=event')).toEqual([second]);
    expect(await list('from=2026-03-01T10:00:00Z&to=2026-03-02T10:00:00Z')).toEqual([first]);
    expect(await list('from=2026-03-01T10:00:01Z')).toEqual([second]);
  });

  it.each([
    'status=done',
    'trigger=me',
    'from=2026-02-30T00:00:00Z',
    'from=2026-W05',
    'to=soon',
    'scope=x',
    'connectorId=x',
    'limit=0',
    'limit=201',
    'cursor=zzz',
    'cursor=WyJhIiwiYiJd',
    'a=b',
  ])('refuses a list by %s, naming it', async (query) => {
    const answer = await api.call('GET', `/v1/sync-runs?${query}`);
    expect(problemOf(answer)).toMatchObject({ status: 400, fields: [query.split('=')[0]] });
  });

  it("keeps another tenant's run to itself in every route", async () => {
    const id = await api.run(connectorId, { tenant_id: randomUUID(), status: 'awaiting-approval' });
    for (const path of ['', '/records', '/progress'])
      expect((await api.call('GET', `/v1/sync-runs/${id}${path}`)).status).toBe(404);
    for (const path of ['cancel', 'approve'])
      expect((await api.call('POST', `/v1/sync-runs/${id}/${path}`)).status).toBe(404);
    expect((await api.call('GET', '/v1/sync-runs?limit=200')).body.data).not.toContainEqual(
      expect.objectContaining({ id }),
    );
    expect((await api.one('select status from sync_runs where id = $1', [id])).status).toBe(
      'awaiting-approval',
    );
  });

  it('pages through the records of all batches in order, and by result', async () => {
    const id = await api.run(connectorId);
    const record = (n: number) => ({
      kind: 'provider-account',
      cmpId: `${n}`,
      result: n % 3 ? 'changed' : 'failed',
    });
    for (const seq of [0, 1, 7]) {
      const records = [0, 1, 2].map((place) => record(seq * 3 + place));
      await api.insert('sync_run_batches', { run_id: id, seq, records: JSON.stringify(records) });
    }
    const all: string[] = [];
    let cursor = '';
    do {
      const { body } = await api.call('GET', `/v1/sync-runs/${id}/records?limit=2${cursor}`);
      all.push(...body.data.map(({ cmpId }: { cmpId: string }) => cmpId));
      cursor = body.nextCursor && `&cursor=${body.nextCursor}`;
    } while (cursor);
    expect(all).toEqual(['0', '1', '2', '3', '4', '5', '21', '22', '23']);

    const failed = await api.call('GET', `/v1/sync-runs/${id}/records?result=failed`);
    expect(failed.body.data.map(({ cmpId }: { cmpId: string }) => cmpId)).toEqual(['0', '3', '21']);
    expect(problemOf(await api.call('GET', `/v1/sync-runs/${id}/records?result=odd`)).fields).toEqual([
      'result',
    ]);
  });
});

describe('following a run', () => {
  it('tells each change once and ends after the run has', async () => {
    const id = await api.run(connectorId, {
      status: 'running',
      phase: 'listing',
      done: 1,
      heartbeat_at: new Date(),
    });
    const response = await fetch(`${api.service.url}/v1/sync-runs/${id}/progress`, {
      headers: {
        authorization: `Bearer ${await api.token({ roles: ['viewer'] })}`,
        accept: 'text/event-stream',
      },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream');
    const events = eventsOf(response);

    expect(await events.next()).toMatchObject({ value: { event: 'progress', data: { id, done: 1 } } });
    await api.pool.query('update sync_runs set done = 2 where id = $1', [id]);
    expect(await events.next()).toMatchObject({ value: { event: 'progress', data: { done: 2 } } });
    await api.pool.query(`update sync_runs set status = 'succeeded', finished_at = now() where id = $1`, [
      id,
    ]);
    expect(await events.next()).toMatchObject({
      value: { event: 'finished', data: { status: 'succeeded', percent: 100 } },
    });
    expect(await events.next()).toMatchObject({ done: true });
  });

  it('tells of a run that has ended long ago in one event', async () => {
    const id = await api.run(connectorId, { status: 'failed' });
    const response = await fetch(`${api.service.url}/v1/sync-runs/${id}/progress`, {
      headers: { authorization: `Bearer ${await api.token()}` },
    });
    expect((await response.text()).match(/^event: .*$/gm)).toEqual(['event: finished']);
  });
});

describe('cancelling and approving', () => {
  it('cancels a waiting run at once and asks a running one to end', async () => {
    const queued = await api.run(connectorId, { status: 'queued', scope: 'orders' });
    const running = await api.run(connectorId, { status: 'running', lease_until: seconds(-10) });
    const waits = { reason: 'CMP limits its calls.', until: seconds(-300).toISOString() };
    const waiting = await api.run(connectorId, {
      status: 'running',
      scope: 'accounts',
      lease_until: seconds(1),
      waiting: JSON.stringify(waits),
    });
    const cancel = (id: string) =>
      api.call('POST', `/v1/sync-runs/${id}/cancel`, { as: { roles: ['operator'] } });

    expect(await cancel(queued)).toMatchObject({ status: 200, body: { status: 'cancelled' } });
    expect(await cancel(waiting)).toMatchObject({
      status: 200,
      body: { status: 'cancelled', waiting: null, finishedAt: expect.any(String) },
    });
    expect(await cancel(running)).toMatchObject({
      status: 200,
      body: { status: 'running', cancelRequestedAt: expect.any(String) },
    });
    expect(problemOf(await cancel(queued))).toMatchObject({
      status: 409,
      code: 'sync-run.action-refused',
    });
    expect((await cancel(queued)).body.nextStep).toBe('Start a new run.');
  });

  it('approves the plan of a held run: it starts over, allowed to end what it said', async () => {
    const breaker = JSON.stringify({ end: 40, of: 50, limit: 5 });
    const id = await api.run(connectorId, { status: 'awaiting-approval', breaker });
    await api.insert('sync_run_batches', { run_id: id, seq: 0, records: '[]' });

    const approved = await api.call('POST', `/v1/sync-runs/${id}/approve`, {
      as: { sub: 'ann', roles: ['operator'] },
    });
    expect(approved).toMatchObject({
      status: 200,
      body: { status: 'queued', breaker: { end: 40, limit: 5, approved: 40, approvedBy: 'ann' } },
    });
    expect(await api.dueRunsAnnounced()).toBe(1);
    expect(await claimRun(api.pool, 'spec', { runId: id })).toMatchObject({ id, endingsApproved: 40 });
    expect((await api.call('POST', `/v1/sync-runs/${id}/approve`)).status).toBe(409);
  });

  it('approves nothing that needs no approval, and says what to do instead', async () => {
    const approve = (id: string) => api.call('POST', `/v1/sync-runs/${id}/approve`);
    const plan = await api.run(connectorId, { apply: false });
    const done = await api.run(connectorId, { target: 'x' });
    const running = await api.run(connectorId, { status: 'running', target: 'y' });
    for (const [id, step] of [
      [plan, '/apply'],
      [done, 'nothing to do'],
      [running, 'Follow the run'],
    ] as const)
      expect(await approve(id)).toMatchObject({
        status: 409,
        body: {
          type: 'urn:isthmus:problem:sync-run.action-refused',
          nextStep: expect.stringContaining(step),
        },
      });
  });

  it('applies a plan as shown by a run of its own, the same one when asked again, or says what differs', async () => {
    const account = await api.account(connectorId, { version: 3, cmp_id: '77', name: 'Contoso' });
    const plan = await api.run(connectorId, { scope: 'accounts', apply: false, complete: true });
    const value = JSON.stringify({
      id: '77',
      name: 'Contoso AG',
      status: 'active',
      attributes: {},
      contactPersons: [],
    });
    const planned = { mirror: 'provider-account', cmpId: '77', version: 3, asOf: new Date().toISOString() };
    const rows = JSON.stringify([{ ...planned, id: account, value, live: true }]);
    await api.insert('sync_plan_batches', { run_id: plan, seq: 0, rows });
    const apply = (id: string, as = {}) => api.call('POST', `/v1/sync-runs/${id}/apply`, { as });

    expect((await apply(plan, { roles: ['viewer'] })).status).toBe(403);
    expect((await apply(randomUUID())).status).toBe(404);
    const started = await apply(plan, { roles: ['operator'], sub: 'ann' });
    expect(started).toMatchObject({
      status: 202,
      body: { planId: plan, apply: true, status: 'queued', requestedBy: 'ann', scope: 'accounts' },
    });
    expect(started.headers.get('location')).toBe(`/v1/sync-runs/${started.body.id}`);
    expect((await apply(plan)).body.id).toBe(started.body.id);

    await api.pool.query(`update sync_runs set status = 'failed' where id = $1`, [started.body.id]);
    await api.pool.query(`update provider_accounts set version = 4, name = 'Contoso SE' where id = $1`, [
      account,
    ]);
    expect(await apply(plan)).toMatchObject({
      status: 409,
      body: {
        type: 'urn:isthmus:problem:sync-run.plan-outdated',
        title: 'The plan is out of date',
        nextStep: expect.stringContaining('new plan'),
        differs: [{ kind: 'provider-account', cmpId: '77' }],
      },
    });
    expect(await apply(plan)).toMatchObject({ status: 409 });
  });

  it('is not for viewers', async () => {
    const id = await api.run(connectorId, { status: 'awaiting-approval', breaker: '{}' });
    for (const action of ['cancel', 'approve'])
      expect(
        (await api.call('POST', `/v1/sync-runs/${id}/${action}`, { as: { roles: ['viewer'] } })).status,
      ).toBe(403);
  });
});

async function* eventsOf(response: Response): AsyncGenerator<{ event: string; data: Json }> {
  let text = '';
  for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      const event = /^event: (.*)$/m.exec(block)?.[1];
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (event && data) yield { event, data: JSON.parse(data) };
    }
  }
}
