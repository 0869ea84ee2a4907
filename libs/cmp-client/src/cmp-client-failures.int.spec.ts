import { systemClock, type Clock } from '@isthmus/domain';
import { CallBudget } from './budget/call-budget.ts';
import {
  deadToken,
  drop,
  forbidden,
  order,
  row,
  ScriptedCmp,
  tokenBody,
  unauthorized,
} from './testbed/scripted-cmp.ts';

describe('CmpClient, when CMP fails', () => {
  let cmp: ScriptedCmp;

  beforeEach(async () => {
    cmp = await ScriptedCmp.start();
  });
  afterEach(() => cmp.stop());

  it('never sends an order twice: not for a lost session, a busy gateway, a throttle or a cut connection', async () => {
    const one = cmp.client();
    const cases = [
      [unauthorized, { code: 'cmp.unavailable', reason: 'session-lost', outcome: 'refused' }],
      [{ status: 503 }, { code: 'cmp.unavailable', outcome: 'unknown' }],
      [
        { status: 504, body: '<html><title>504 Gateway Time-out</title>' },
        { code: 'cmp.unavailable', outcome: 'unknown' },
      ],
      [
        { status: 429, headers: { 'retry-after': '1' } },
        { code: 'cmp.throttled', outcome: 'refused' },
      ],
      [drop, { code: 'cmp.unavailable', reason: 'connection-lost', outcome: 'unknown' }],
    ] as const;
    for (const [index, [answer, error]] of cases.entries()) {
      cmp.server.on('/na/orders', answer as never);
      await expect(one.orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
        operation: 'orders.place',
        ...error,
      });
      expect(cmp.server.calls('/na/orders')).toHaveLength(index + 1);
    }
    cmp.server.on('/na/orders', { body: order });
    await expect(one.orders.place({ type: 'sales', customerId: '1' })).resolves.toMatchObject({
      id: '5',
      status: 'submitted',
    });
  });

  describe('that has ended the session', () => {
    const tokens = Array.from({ length: 9 }, (_, n) => tokenBody(`token-${n + 1}`));
    beforeEach(() => void cmp.server.on('/na/token', ...tokens));
    const bearers = (path: string) =>
      cmp.server.calls(path).map(({ headers }) => headers.authorization!.slice(-1));

    it.each([
      ['401', unauthorized],
      ['403 in words of the token', deadToken],
      ['403 in other words', forbidden],
    ])('by %s: gets one new token for all, and asks again', async (_, answer) => {
      cmp.server.on('/na/customers/1', { body: row }, answer, answer, answer, { body: row });
      const one = cmp.client();
      await one.customers.get('1');
      const answers = await Promise.all(['1', '1', '1'].map((id) => one.customers.get(id)));
      expect(answers).toHaveLength(3);
      expect(cmp.server.calls('/na/token')).toHaveLength(2);
      expect(bearers('/na/customers/1').join('')).toBe('1111222');
    });

    it('takes a second 403 with a fresh token for a right that is missing, and then gets no more tokens for it', async () => {
      cmp.server.on('/na/customers/1', forbidden).on('/na/customers/2', { body: row });
      const one = cmp.client();
      for (const tokensSoFar of [2, 2, 2]) {
        await expect(one.customers.get('1')).rejects.toMatchObject({
          category: 'permission',
          outcome: 'refused',
        });
        expect(cmp.server.calls('/na/token')).toHaveLength(tokensSoFar);
      }
    });

    it('gets several new tokens where sessions of others end ours, and never takes that for a right', async () => {
      cmp.server.on(
        '/na/customers/1',
        { body: row },
        deadToken,
        unauthorized,
        deadToken,
        { body: row },
        deadToken,
      );
      const one = cmp.client();
      await one.customers.get('1');
      await expect(one.customers.get('1')).resolves.toMatchObject({ id: '1' });
      await expect(one.customers.get('1')).rejects.toMatchObject({
        code: 'cmp.unavailable',
        reason: 'session-lost',
        outcome: 'refused',
      });
    });

    it.each([
      ['401', unauthorized],
      ['403 in words of the token', deadToken],
      ['403 in other words', forbidden],
    ])(
      'by %s: says of an order that it was not placed, and does not send it again by itself',
      async (_, answer) => {
        cmp.server.on('/na/orders', answer, { body: order });
        const one = cmp.client();
        const place = () => one.orders.place({ type: 'sales', customerId: '1' });
        await expect(place()).rejects.toMatchObject({ reason: 'session-lost', outcome: 'refused' });
        expect(cmp.server.calls('/na/orders')).toHaveLength(1);
        await expect(place()).resolves.toMatchObject({ id: '5' });
        expect(bearers('/na/orders').join('')).toBe('12');
      },
    );
  });

  it('says of an order that timed out that it may have been placed', async () => {
    cmp.server.on('/na/orders', () => undefined);
    const impatient = cmp.client({ assumptions: { orderTimeoutSeconds: 0.05 } });
    await expect(impatient.orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
      code: 'cmp.unavailable',
      reason: 'timeout',
      outcome: 'unknown',
    });
  });

  it('says that nothing was sent when CMP cannot be reached', async () => {
    const gone = cmp.client();
    await cmp.server.stop();
    await expect(gone.orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
      reason: 'connect',
      outcome: 'not-sent',
    });
  });

  it('says that an order was not sent when the token was what failed', async () => {
    cmp.server.on('/na/token', { status: 401, body: { status: 401, message: 'Bad credentials' } });
    await expect(cmp.client().orders.place({ type: 'sales', customerId: '1' })).rejects.toMatchObject({
      operation: 'token',
      category: 'credentials',
      outcome: 'not-sent',
    });
    expect(cmp.server.calls('/na/orders')).toHaveLength(0);
  });

  it.each([
    [{ status: 502 }],
    [{ status: 503 }],
    [{ status: 504 }],
    [{ status: 429, headers: { 'retry-after': '0' } }],
    [drop],
  ])('reads again after %j', async (answer) => {
    cmp.server.on('/na/customers/1', answer as never, { body: row });
    await expect(cmp.client().customers.get('1')).resolves.toMatchObject(row);
    expect(cmp.calls.map(({ attempt, result }) => [attempt, result]).slice(1)).toEqual([
      [1, expect.stringMatching(/^cmp\./)],
      [2, 'ok'],
    ]);
  });

  it('reads again only a few times, and not at all after failures that would come again', async () => {
    cmp.server
      .on('/na/customers/1', { status: 503 })
      .on('/na/customers/2', { status: 400, body: { status: 400, message: 'no' } });
    // Short sleeps are pauses between attempts, long ones the timeouts.
    const hurried: Clock = {
      now: Date.now,
      sleep: (ms, signal) => (ms < 5000 ? Promise.resolve() : systemClock.sleep(ms, signal)),
    };
    const one = cmp.client({ clock: hurried });
    await expect(one.customers.get('1')).rejects.toMatchObject({ code: 'cmp.unavailable', httpStatus: 503 });
    expect(cmp.server.calls('/na/customers/1')).toHaveLength(4);
    await expect(one.customers.get('2')).rejects.toMatchObject({ category: 'validation' });
    expect(cmp.server.calls('/na/customers/2')).toHaveLength(1);
  });

  it('changes nothing twice', async () => {
    cmp.server.on('/na/subscriptions/9', { status: 503 });
    await expect(cmp.client().subscriptions.update('9', { renewalStatus: false })).rejects.toMatchObject({
      outcome: 'unknown',
    });
    expect(cmp.server.calls('/na/subscriptions/9')).toMatchObject([
      { method: 'PATCH', body: '{"renewalStatus":false}' },
    ]);
  });

  it('tells the budget about a throttle, so that the next call waits', async () => {
    cmp.server.on('/na/customers/1', { status: 429, headers: { 'retry-after': '1' } }, { body: row });
    const budget = CallBudget.local();
    const startedAt = Date.now();
    await cmp.client({ budget }).customers.get('1');
    expect(Date.now() - startedAt).toBeGreaterThan(1000);
    expect(cmp.calls.at(-1)).toMatchObject({
      operation: 'customers.get',
      attempt: 2,
      result: 'ok',
      correlationId: 'a8n-test',
    });
    expect(cmp.calls.at(-1)!.waitedMs).toBeGreaterThan(900);
  });

  it('lets a caller give up on a read with its own reason', async () => {
    cmp.server.on('/na/customers/1', () => undefined);
    const abort = new AbortController();
    const reading = cmp.client().customers.get('1', { signal: abort.signal });
    setTimeout(() => abort.abort(new Error('run cancelled')), 50);
    await expect(reading).rejects.toThrow('run cancelled');
  });
});
