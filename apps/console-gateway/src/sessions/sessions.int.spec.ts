import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { keyRing, send } from '@isthmus/testing';
import { Browser } from '@isthmus/testing';
import {
  contoso,
  fabrikam,
  runGateway,
  type RunningGateway,
  type SignedIn,
} from '../../test/gateway.fixture.ts';
import { SessionStore } from './session.store.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway();
});
afterAll(() => gateway.stop());

const me = (browser: Browser, origin = gateway.origin) => browser.open(`${origin}/v1/me`);
const change = (set: string) => gateway.rows(`update sessions set ${set}`);
const refreshed = () => gateway.identity.granted.refresh_token ?? 0;
const statuses = (seen: { status: number }[]) => [...new Set(seen.map(({ status }) => status))];

describe('tokens', () => {
  const expire = () => change(`token_expires_at = now() - interval '1 second'`);

  it('that have expired are renewed once for twenty requests at the same time', async () => {
    const { browser } = await gateway.signedIn();
    const before = refreshed();
    await expire();
    const seen = await Promise.all(Array.from({ length: 20 }, () => me(browser)));
    expect(statuses(seen)).toEqual([200]);
    expect(refreshed() - before).toBe(1);
  });

  it('are renewed once although two processes get the requests', async () => {
    const { browser } = await gateway.signedIn();
    const other = await gateway.replica({ PORT: '0' });
    const before = refreshed();
    await expire();
    const seen = await Promise.all(
      Array.from({ length: 20 }, (_, n) => me(browser, n % 2 ? gateway.origin : other.url)),
    );
    expect(statuses(seen)).toEqual([200]);
    expect(refreshed() - before).toBe(1);
    // What one has renewed, the other uses, and renews in its turn.
    await expire();
    expect((await me(browser, other.url)).status).toBe(200);
    expect(refreshed() - before).toBe(2);
  });

  it('that are about to expire are renewed while nobody waits', async () => {
    const { browser } = await gateway.signedIn();
    const before = refreshed();
    await change(`token_expires_at = now() + interval '20 seconds'`);
    expect((await me(browser)).status).toBe(200);
    for (let tries = 0; tries < 100 && refreshed() === before; tries += 1) await sleep(20);
    expect(refreshed() - before).toBe(1);
  });

  it('of a process that died while it renewed them are renewed by another one', async () => {
    const { browser } = await gateway.signedIn();
    await expire();
    await change(`refreshing_until = now() + interval '1 second'`);
    const began = Date.now();
    expect((await me(browser)).status).toBe(200);
    expect(Date.now() - began).toBeGreaterThan(500);
  });

  it('that the identity provider no longer renews end the session', async () => {
    const { browser, call } = await gateway.signedIn();
    const kept = browser.cookies.get('isthmus_session')!;
    const rows = await gateway.rows('select * from sessions order by created_at desc limit 1');
    await call('POST', '/auth/logout');
    // As if the row had been restored from a backup: its refresh token was revoked.
    await gateway.insert('sessions', rows[0]);
    const thief = new Browser();
    thief.cookies.set('isthmus_session', kept);
    await expire();
    expect((await me(thief)).status).toBe(401);
    expect(await gateway.rows('select 1 from sessions where id = $1', [rows[0].id])).toEqual([]);
  });
});

describe('a session ends', () => {
  const newest = 'select 1 from sessions where created_at = (select max(created_at) from sessions)';

  it.each([
    ['after eight hours without a request', `last_seen_at = now() - interval '8 hours 1 second'`, 401],
    ['but not before', `last_seen_at = now() - interval '7 hours 59 minutes'`, 200],
    ['after twelve hours, however busy', `ends_at = now() - interval '1 second'`, 401],
  ])('%s', async (_, set, status) => {
    const { browser } = await gateway.signedIn();
    await change(set);
    expect((await me(browser)).status).toBe(status);
    // A request keeps it going.
    if (status === 200)
      expect(await gateway.rows(`${newest} and last_seen_at < now() - interval '1 hour'`)).toEqual([]);
  });

  it('and is then deleted with its tokens', async () => {
    await gateway.signedIn();
    await change(`ends_at = now() - interval '1 second'`);
    const { browser } = await gateway.signedIn();
    const store = gateway.service.get(SessionStore);
    expect(await store.deleteEnded(new AbortController().signal)).toBeGreaterThan(0);
    expect((await me(browser)).status).toBe(200);
    expect(await gateway.rows('select 1 from sessions where ends_at < now()')).toEqual([]);
  });

  it('when the key of its tokens is gone: the person signs in again', async () => {
    const { browser } = await gateway.signedIn();
    const other = await gateway.replica({ PORT: '0', SESSION_SECRET_RING: keyRing('k2') });
    expect((await me(browser, other.url)).status).toBe(401);
  });
});

describe('a cookie', () => {
  let session: SignedIn;
  let value: string;
  beforeAll(async () => {
    session = await gateway.signedIn();
    value = session.browser.cookies.get('isthmus_session')!;
  });
  const secret = () => value.split('.')[1]!;

  it.each([
    ['of another tenant', () => `${fabrikam}.${secret()}`],
    ['with a guessed secret', () => `${contoso}.${randomBytes(32).toString('base64url')}`],
    [
      'with what is in the database',
      async () => `${contoso}.${(await gateway.rows('select id from sessions'))[0].id}`,
    ],
    ['with SQL', () => `' or '1'='1.${secret()}`],
    ['without a secret', () => contoso],
    ['of nothing', () => ''],
  ])('%s opens nothing', async (_, make) => {
    const browser = new Browser();
    browser.cookies.set('isthmus_session', await make());
    expect((await me(browser)).status).toBe(401);
    expect((await browser.open(`${gateway.origin}/auth/me`)).json).toEqual({ signedIn: false });
  });

  it('together with a token is refused: it would not be clear who asks', async () => {
    const both = await session.call('GET', '/v1/me', undefined, {
      authorization: `Bearer ${await gateway.token()}`,
    });
    expect(both).toMatchObject({ status: 400, json: { type: 'urn:isthmus:problem:two-credentials' } });
  });

  it('is not needed by a program, whose token counts', async () => {
    const { status, body } = await gateway.call('GET', '/v1/me', {
      as: { sub: 'a program', roles: ['viewer'] },
    });
    expect({ status, body }).toMatchObject({
      status: 200,
      body: { sub: 'a program', csrf: null, role: 'viewer' },
    });
  });
});

describe('a write', () => {
  let session: SignedIn;
  beforeAll(async () => {
    session = await gateway.signedIn();
  });
  const write = async (headers: Record<string, string>, method = 'POST') => {
    const { status, json } = await session.browser.open(`${gateway.origin}/v1/orders`, { method, headers });
    return [status, json?.type.split(':').at(-1)];
  };

  it.each([
    ['without the header', {}, 'POST'],
    ['with a wrong one', { 'x-csrf': randomBytes(32).toString('base64url') }, 'PUT'],
    ['with an empty one', { 'x-csrf': '' }, 'PATCH'],
    ['of another site that has got hold of the value', { 'sec-fetch-site': 'cross-site' }, 'DELETE'],
    ['of a sibling site', { 'sec-fetch-site': 'same-site' }, 'POST'],
    ['of another origin in an old browser', { origin: 'https://evil.example' }, 'POST'],
  ])('%s is refused', async (name, headers, method) => {
    const csrf: Record<string, string> =
      name.includes('the header') || 'x-csrf' in headers ? {} : { 'x-csrf': session.csrf };
    expect(await write({ ...csrf, ...headers }, method)).toEqual([403, 'csrf']);
  });

  it('of a page of ours gets as far as its service', async () => {
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
      expect(await write({ 'x-csrf': session.csrf, 'sec-fetch-site': 'same-origin' }, method)).toEqual([
        503,
        'service-unavailable',
      ]);
  });

  it('of a program needs no header: no browser sends its token by itself', async () => {
    const authorization = `Bearer ${await gateway.token()}`;
    const { status } = await send('POST', `${gateway.origin}/v1/orders`, {}, { authorization });
    expect(status).toBe(503);
  });
});

it('goes on while the identity provider is away, until its token expires', async () => {
  const { browser } = await gateway.signedIn();
  await gateway.stopIdentity();
  expect((await me(browser)).status).toBe(200);
  await change(`token_expires_at = now() - interval '1 second'`);
  const refused = await me(browser);
  expect(refused.status).toBe(503);
  // Nothing was lost: it is tried again.
  expect(await gateway.rows('select 1 from sessions where refreshing_until is not null')).toEqual([]);
  const fresh = await gateway.replica({ PORT: '0' });
  const login = await new Browser().open(`${fresh.url}/auth/login`);
  expect(login.status).toBe(503);
});
