import { defaultAccounts } from '../simulator-options.ts';
import { startSimulator, type RunningSimulator } from '../start-simulator.ts';
import { CmpUser, quietSimulator } from '../../test/cmp-user.fixture.ts';

const basic = (username: string, password: string) =>
  `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
const us = defaultAccounts[0];
let simulator: RunningSimulator;
afterEach(() => simulator.close());

describe('in front of every resource', () => {
  beforeEach(async () => {
    simulator = await quietSimulator();
  });
  const user = () => new CmpUser(simulator);

  it('buys a token with a key, a password and a marketplace', async () => {
    const { status, body } = await user().signIn();
    expect(status).toBe(200);
    expect(body).toEqual({ token: expect.stringMatching(/^eyJ/), expiresInSeconds: 1500 });
  });

  it('refuses a missing and a wrong key in the words of the gateway, before it looks at anything else', async () => {
    const missing = await user().raw(
      'POST',
      '/token',
      { 'x-subscription-key': undefined, authorization: basic('x', 'y') },
      '{}',
    );
    expect(missing).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: expect.stringContaining('missing subscription key') },
    });
    const wrong = await user().raw('GET', '/customers', { 'x-subscription-key': 'f'.repeat(32) });
    expect(wrong).toMatchObject({
      status: 401,
      body: { statusCode: 401, message: expect.stringContaining('invalid subscription key') },
    });
  });

  it.each([
    ['a wrong password', basic(us.username, 'wrong'), 'us'],
    ['a wrong username', basic('someone.api', us.password), 'us'],
    ['no credentials', undefined, 'us'],
    ['the marketplace of somebody else', basic(us.username, us.password), 'uk'],
    ['no marketplace', basic(us.username, us.password), undefined],
  ])('refuses %s with 401 in the words of the platform', async (_what, authorization, marketplace) => {
    const { status, body, headers } = await user().raw(
      'POST',
      '/token',
      { authorization },
      JSON.stringify({ marketplace }),
    );
    expect(status).toBe(401);
    expect(body).toMatchObject({ status: 401, path: '/token', timeStamp: expect.stringMatching(/\+00:00$/) });
    expect(body.correlationId).toBe(headers.get('x-correlation-id'));
  });

  it('ends a session after so many calls, by 403 where told so, and the older ones when another begins', async () => {
    await simulator.control.quirks({ deadTokenStatus: 403, callsPerToken: 2 });
    const one = user();
    await one.signIn();
    const statuses = [];
    for (let call = 0; call < 3; call++) statuses.push((await one.get('/customers?limit=1')).status);
    expect(statuses).toEqual([200, 200, 403]);
    await simulator.control.quirks({ callsPerToken: null, newTokenEndsOthers: true });
    await one.signIn();
    const other = user();
    await other.signIn();
    expect(await one.get('/customers?limit=1')).toMatchObject({
      status: 403,
      body: { message: 'Access token is missing, expired or invalid' },
    });
    expect((await other.get('/customers?limit=1')).status).toBe(200);
  });

  it('refuses a call without a token, with a foreign one and with a revoked one', async () => {
    const known = user();
    await known.get('/customers');
    expect((await known.raw('GET', '/customers')).status).toBe(401);
    expect((await known.raw('GET', '/customers', { authorization: 'Bearer eyJnope' })).body).toMatchObject({
      status: 401,
      path: '/customers',
    });
    await simulator.control.revokeTokens({ account: 'uk' });
    expect((await known.get('/customers')).status).toBe(200);
    await simulator.control.revokeTokens({ account: 'us' });
    expect((await known.get('/customers')).status).toBe(401);
  });

  it('accepts no token of one account with the key of another', async () => {
    const { body } = await user().signIn();
    const other = new CmpUser(simulator, defaultAccounts[1]);
    expect((await other.raw('GET', '/customers', { authorization: `Bearer ${body.token}` })).status).toBe(
      401,
    );
  });

  it('takes a body as JSON whatever its content type says, and answers unreadable ones in the framework shape', async () => {
    const authorization = basic(us.username, us.password);
    expect(
      (
        await user().raw(
          'POST',
          '/token',
          { authorization, 'content-type': 'text/plain' },
          '{"marketplace":"us"}',
        )
      ).status,
    ).toBe(200);
    const broken = await user().raw('POST', '/token', { authorization }, '{"marketplace":');
    expect(broken).toMatchObject({
      status: 400,
      body: { status: 400, error: 'Bad Request', timestamp: expect.any(String) },
    });
    expect((await user().get('/invoices')).body).toMatchObject({
      status: 404,
      error: 'Not Found',
      path: '/invoices',
    });
  });

  it('gives every answer a correlation id of its own', async () => {
    const someone = user();
    const ids = await Promise.all(
      ['/customers', '/orders', '/nowhere'].map(async (path) =>
        (await someone.get(path)).headers.get('x-correlation-id'),
      ),
    );
    expect(new Set(ids).size).toBe(3);
    for (const id of ids) expect(id).toMatch(/^a8n-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});

it('lets a token die after its lifetime', async () => {
  simulator = await quietSimulator({ tokenLifetimeSeconds: 0 });
  expect((await new CmpUser(simulator).get('/customers')).status).toBe(401);
});

describe('limits of a key', () => {
  it('answers 429 with Retry-After when the minute is used up, before it looks at the token', async () => {
    simulator = await startSimulator({ limits: { perMinute: 3 } });
    const user = new CmpUser(simulator);
    expect([(await user.get('/plans')).status, (await user.get('/plans')).status]).toEqual([200, 200]);
    const refused = await user.raw('GET', '/plans');
    expect(refused.status).toBe(429);
    const seconds = Number(refused.headers.get('retry-after'));
    expect(seconds).toBeGreaterThan(50);
    expect(seconds).toBeLessThanOrEqual(60);
    expect(refused.body).toEqual({
      statusCode: 429,
      message: `Rate limit is exceeded. Try again in ${seconds} seconds.`,
    });
    expect((await new CmpUser(simulator, defaultAccounts[1]).get('/plans')).status).toBe(200);
  });

  it('answers 403 when the day is used up, and leaves Retry-After out when told to', async () => {
    simulator = await startSimulator({ limits: { perMinute: null, perDay: 2, retryAfterHeader: false } });
    const user = new CmpUser(simulator);
    await user.get('/plans');
    const refused = await user.get('/plans');
    expect(refused).toMatchObject({
      status: 403,
      body: { statusCode: 403, message: expect.stringMatching(/Out of call volume quota.*2[34]:\d\d:\d\d/) },
    });
    expect(refused.headers.get('retry-after')).toBeNull();
  });

  it('can be changed while it runs', async () => {
    simulator = await quietSimulator();
    const user = new CmpUser(simulator);
    await user.get('/plans');
    await simulator.control.limits({ account: 'us', perMinute: 1 });
    await user.get('/plans');
    expect((await user.get('/plans')).status).toBe(429);
    await simulator.control.limits({ account: 'us', perMinute: null });
    expect((await user.get('/plans')).status).toBe(200);
  });
});
