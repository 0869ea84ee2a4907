import { randomUUID } from 'node:crypto';
import { daysAhead, runSchedules, type Schedules } from '../../test/schedules.fixture.ts';

let schedules: Schedules;
beforeAll(async () => {
  schedules = await runSchedules();
});
afterAll(() => schedules.stop());

const codeOf = ({ body }: { body: { type: string } }) => body.type.replace('urn:isthmus:problem:', '');
const tomorrow = daysAhead(1);
const seats = (subscriptionId: string, total: number, at: string, more: object = {}) => ({
  ...{ subscriptionId, kind: 'change-quantity', seats: total, at },
  ...more,
});

describe('scheduled changes', () => {
  it('are planned once per key, read with a tag, and told', async () => {
    const subscriptionId = await schedules.subscribed();
    const key = randomUUID();
    const body = seats(subscriptionId, 12, tomorrow);
    const [one, two] = [await schedules.plan(body, key), await schedules.plan(body, key)];
    expect(one).toMatchObject({
      status: 201,
      body: { status: 'planned', seats: 12, at: tomorrow, orderId: null },
    });
    expect(two.body.id).toBe(one.body.id);
    const read = await schedules.call('GET', one.headers.get('location')!);
    expect(read.headers.get('etag')).toBe('"1"');
    expect(read.body).toMatchObject({ id: one.body.id, foreseen: null });
    expect(await schedules.told(one.body.id)).toEqual(['planned']);
  });

  it.each([
    [
      'an instant that has passed',
      { kind: 'cancel', at: daysAhead(-1) },
      422,
      'scheduled-change.in-the-past',
    ],
    ['an instant without a zone', { kind: 'cancel', at: '2030-01-01T10:00:00' }, 400, 'invalid-input'],
    ['no time', { kind: 'cancel' }, 400, 'invalid-input'],
    ['no seats', { kind: 'change-quantity', at: tomorrow }, 400, 'invalid-input'],
    [
      'a setting at the renewal it is about',
      { kind: 'renewal-setting', autoRenew: false, at: 'renewal' },
      422,
      'scheduled-change.setting-at-renewal',
    ],
    [
      'a line there is not',
      { kind: 'change-quantity', seats: 3, mpn: 'none', at: tomorrow },
      422,
      'order.no-such-line',
    ],
  ])('refuse %s, and nothing is stored', async (_, body: object, status, code) => {
    const subscriptionId = await schedules.subscribed();
    const refused = await schedules.plan({ subscriptionId, ...body });
    expect([refused.status, codeOf(refused as never)]).toEqual([status, code]);
    const list = await schedules.call('GET', `/v1/scheduled-changes?subscriptionId=${subscriptionId}`);
    expect(list.body.data).toEqual([]);
  });

  it('refuse at once what cannot be had at the renewal, and foresee what may be allowed by then', async () => {
    const ending = await schedules.subscribed({ autoRenew: false });
    expect(codeOf((await schedules.plan(seats(ending, 3, 'renewal'))) as never)).toBe('order.no-renewal');
    const { body } = await schedules.plan(seats(ending, 3, tomorrow));
    expect(body).toMatchObject({ status: 'planned', foreseen: { code: 'decrease-outside-window' } });
  });

  it('are one for the renewal at most, however many ask at once', async () => {
    const subscriptionId = await schedules.subscribed();
    const plans = await schedules.beside(async (busy) => {
      await busy.query('select from subscriptions where id = $1 for update', [subscriptionId]);
      const totals = [11, 12, 13, 14];
      const requested = totals.map((total) => schedules.plan(seats(subscriptionId, total, 'renewal')));
      await schedules.waitingFor(busy);
      return requested;
    });
    const requested = await Promise.all(plans);
    expect(requested.map(({ status }) => status).filter((status) => status !== 409)).toEqual([201]);
    const refused = requested.find(({ status }) => status === 409)!;
    const { body } = requested.find(({ status }) => status === 201)!;
    expect(codeOf(refused as never)).toBe('scheduled-change.one-at-renewal');
    expect(refused.body.detail).toContain(body.id);
    const path = `/v1/scheduled-changes/${body.id}`;
    expect((await schedules.call('PATCH', path, { seats: 20 }, { 'if-match': '"1"' })).status).toBe(200);
    await schedules.call('DELETE', path);
    expect((await schedules.plan(seats(subscriptionId, 15, 'renewal'))).status).toBe(201);
    expect(await schedules.takeOne()).toBe(true);
    expect((await schedules.plan(seats(subscriptionId, 16, 'renewal'))).status).toBe(409);
  });

  it('are edited under their tag until they are ordered, and nothing else of them changes', async () => {
    const subscriptionId = await schedules.subscribed();
    const { body } = await schedules.plan(seats(subscriptionId, 12, tomorrow));
    const path = `/v1/scheduled-changes/${body.id}`;
    const later = daysAhead(2);
    const edit = (more: object, tag: string) => schedules.call('PATCH', path, more, { 'if-match': tag });
    expect(await edit({ seats: 14, at: later }, '"1"')).toMatchObject({
      status: 200,
      body: { seats: 14, at: later, status: 'planned', version: 2 },
    });
    expect((await edit({ seats: 15 }, '"1"')).status).toBe(412);
    expect((await schedules.call('PATCH', path, { seats: 15 })).status).toBe(428);
    await schedules.comeDue(body.id);
    expect(await schedules.takeOne()).toBe(true);
    expect(codeOf((await edit({ seats: 15 }, '"3"')) as never)).toBe('scheduled-change.illegal-action');
    expect(await schedules.ordersOf(subscriptionId)).toMatchObject([{ seats: 14, kind: 'change-quantity' }]);
  });

  it('are cancelled before they are ordered, and not ordered then', async () => {
    const subscriptionId = await schedules.subscribed();
    const { body } = await schedules.plan(seats(subscriptionId, 12, tomorrow));
    const path = `/v1/scheduled-changes/${body.id}`;
    await schedules.comeDue(body.id);
    expect(await schedules.call('DELETE', path)).toMatchObject({
      status: 200,
      body: { status: 'cancelled' },
    });
    expect(await schedules.takeOne()).toBe(false);
    expect((await schedules.call('DELETE', path)).status).toBe(409);
    expect(await schedules.told(body.id)).toEqual(['planned', 'cancelled']);
  });

  it('are listed the newest first, page by page, by status and subscription', async () => {
    const subscriptionId = await schedules.subscribed();
    const ids: string[] = [];
    for (const total of [11, 12, 13])
      ids.push((await schedules.plan(seats(subscriptionId, total, tomorrow))).body.id);
    const list = (query: string) =>
      schedules.call('GET', `/v1/scheduled-changes?subscriptionId=${subscriptionId}&${query}`);
    const first = (await list('limit=2')).body;
    const second = (await list(`limit=2&cursor=${first.nextCursor}`)).body;
    const listed = [...first.data, ...second.data].map(({ id }: { id: string }) => id);
    expect(listed).toEqual(ids.toReversed());
    expect((await list('status=done')).body.data).toEqual([]);
  });

  it('are kept apart by tenants and roles', async () => {
    const subscriptionId = await schedules.subscribed();
    const { body } = await schedules.plan(seats(subscriptionId, 12, tomorrow));
    const path = `/v1/scheduled-changes/${body.id}`;
    const stranger = { tenant: randomUUID() };
    for (const [method, at, sent] of [
      ['GET', path, undefined],
      ['DELETE', path, undefined],
      ['POST', `${path}/confirm`, undefined],
      ['PATCH', path, { seats: 3 }],
    ] as const)
      expect((await schedules.call(method, at, sent, { 'if-match': '"1"' }, stranger)).status).toBe(404);
    const list = await schedules.call('GET', '/v1/scheduled-changes', undefined, {}, stranger);
    expect(list.body.data).toEqual([]);
    const key = { 'idempotency-key': randomUUID() };
    const strange = seats(subscriptionId, 12, tomorrow);
    expect((await schedules.call('POST', '/v1/scheduled-changes', strange, key, stranger)).status).toBe(404);
    expect((await schedules.call('DELETE', path, undefined, {}, { roles: ['viewer'] } as never)).status).toBe(
      403,
    );
    expect(await schedules.told(body.id)).toEqual(['planned']);
  });
});
