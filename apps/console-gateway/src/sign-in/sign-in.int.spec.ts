import { parseSetCookie } from 'cookie';
import { Browser } from '@isthmus/testing';
import { contoso, fabrikam, runGateway, type RunningGateway } from '../../test/gateway.fixture.ts';

let gateway: RunningGateway;
beforeAll(async () => {
  gateway = await runGateway({ env: { TENANT_NAMES: JSON.stringify({ [contoso]: 'Contoso CSP' }) } });
});
afterAll(() => gateway.stop());

const me = (browser: Browser) => browser.open(`${gateway.origin}/v1/me`);

describe('from the button', () => {
  it('a person comes back to the page that was open, as themselves', async () => {
    const browser = new Browser();
    const back = '/orders?status=unknown#top';
    const arrived = await browser.signIn(gateway.origin, 'Contoso CSP: operator', back);
    expect([arrived.status, arrived.url.href]).toEqual([200, gateway.origin + back]);
    const { status, json } = await me(browser);
    expect(status).toBe(200);
    expect(json).toMatchObject({
      sub: 'operator@contoso.example',
      name: 'Contoso CSP: operator',
      tenant: contoso,
      tenantName: 'Contoso CSP',
      roles: ['operator'],
      role: 'operator',
      csrf: expect.stringMatching(/^[\w-]{43}$/),
    });
    const hours = (Date.parse(json.expiresAt) - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(11.9);
    expect(hours).toBeLessThanOrEqual(12);
    const state = await browser.open(`${gateway.origin}/auth/me`);
    expect(state.json).toMatchObject({ signedIn: true, sub: json.sub, csrf: json.csrf, tenant: contoso });
  });

  it('each tenant gets its own', async () => {
    const { browser } = await gateway.signedIn('Fabrikam CSP: viewer');
    expect((await me(browser)).json).toMatchObject({ tenant: fabrikam, tenantName: null, role: 'viewer' });
  });

  it('the cookie is out of reach for scripts and other sites, and says nothing of tokens', async () => {
    const browser = new Browser();
    const { setCookies } = await browser.signIn(gateway.origin, 'Contoso CSP: admin');
    const cookie = setCookies
      .map((text) => parseSetCookie(text)!)
      .find(({ name }) => name === 'isthmus_session')!;
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'lax', path: '/' });
    expect(cookie.domain).toBeUndefined();
    expect(cookie.value).toMatch(new RegExp(`^${contoso}\\.[\\w-]{43}$`));
  });

  it('nobody is signed in without it', async () => {
    const stranger = new Browser();
    expect(await me(stranger)).toMatchObject({
      status: 401,
      json: { type: 'urn:isthmus:problem:unauthenticated' },
    });
    expect((await stranger.open(`${gateway.origin}/auth/me`)).json).toEqual({ signedIn: false });
  });

  it('a session that the browser had before ends, so that nobody can plant one', async () => {
    const { browser } = await gateway.signedIn('Contoso CSP: admin');
    const planted = browser.cookies.get('isthmus_session')!;
    await browser.signIn(gateway.origin, 'Contoso CSP: viewer');
    expect(browser.cookies.get('isthmus_session')).not.toBe(planted);
    const other = new Browser();
    other.cookies.set('isthmus_session', planted);
    expect((await me(other)).status).toBe(401);
  });

  it('two tabs may sign in at the same time', async () => {
    const browser = new Browser();
    const [one, other] = [await browser.open(login('/one')), await browser.open(login('/other'))];
    expect((await browser.choose(one, 'Contoso CSP: admin')).url.pathname).toBe('/one');
    expect((await browser.choose(other, 'Contoso CSP: admin')).url.pathname).toBe('/other');
  });
});

const login = (back: string) => `${gateway.origin}/auth/login?back=${encodeURIComponent(back)}`;

it('begins whatever other cookies the browser has', async () => {
  const names = Array.from({ length: 6 }, (_, n) => `isthmus_sign_in_\u00e9 ${n}`);
  const { status, setCookies } = await new Browser().open(login('/'), {
    headers: { cookie: names.map((name) => `${name}=1`).join('; ') },
    redirect: 'manual',
  });
  expect([status, setCookies.length]).toEqual([303, 1]);
});

describe('a way back', () => {
  const elsewhere = [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/%5C/evil.example\\',
    'javascript:alert(1)',
    'orders',
    '/\tevil',
    '/\n/evil.example',
    ' /orders',
    '/auth/logout',
    '/v1/me',
    '/./auth/login',
    '/AUTH/login',
    '/v1%2Fme',
    '/%',
    `/${'x'.repeat(2_001)}`,
    '/a\u0000',
  ];
  it.each(elsewhere)('to %j is refused before anything begins', async (back) => {
    const browser = new Browser();
    const refused = await browser.open(login(back), { redirect: 'manual' });
    expect(refused.status).toBe(400);
    expect(refused.headers.get('location')).toBeNull();
    expect(browser.cookies.size).toBe(0);
  });

  it('that is given twice is refused', async () => {
    const refused = await new Browser().open(`${login('/')}&back=//evil.example`, { redirect: 'manual' });
    expect(refused.status).toBe(400);
  });

  it('stays on this site even if it looks like another', async () => {
    const browser = new Browser();
    const arrived = await browser.signIn(gateway.origin, 'Contoso CSP: admin', '/https://evil.example/');
    expect(arrived.url.origin).toBe(gateway.origin);
  });
});

describe('a callback', () => {
  const callback = (query: string) => `${gateway.origin}/auth/callback?${query}`;

  it('that this browser has not asked for signs nobody in', async () => {
    const attacker = new Browser();
    const page = await attacker.open(login('/'));
    // Stopped before it is used, and sent to somebody else.
    const sent = await attacker.open(page.url, {
      method: 'POST',
      body: new URLSearchParams({ person: 'admin@contoso.example' }),
      redirect: 'manual',
    });
    let location = sent.headers.get('location')!;
    while (!location.includes('/auth/callback'))
      location = (await attacker.open(new URL(location, page.url), { redirect: 'manual' })).headers.get(
        'location',
      )!;
    const victim = new Browser();
    const arrived = await victim.open(location);
    expect(arrived.url.search).toBe('?signInError=expired');
    expect(victim.cookies.size).toBe(0);
    // And for the one who has asked it works once.
    expect((await attacker.open(location)).url.search).toBe('');
    expect((await attacker.open(location)).url.search).toBe('?signInError=expired');
  });

  it('with a cancelled sign-in, a wrong code or a wrong state says so', async () => {
    const reasons = [];
    for (const query of ['error=access_denied', 'error=server_error', 'code=forged']) {
      const browser = new Browser();
      const page = await browser.open(login('/'), { redirect: 'manual' });
      const state = new URL(page.headers.get('location')!).searchParams.get('state')!;
      const issuer = new URLSearchParams({ state, iss: gateway.identity.issuer });
      const { url } = await browser.open(callback(`${query}&${issuer.toString()}`));
      reasons.push(url.search);
      expect(browser.cookies.has('isthmus_session')).toBe(false);
    }
    expect(reasons).toEqual(['?signInError=cancelled', '?signInError=refused', '?signInError=refused']);
    const { url } = await new Browser().open(callback('code=a&state=unknown'));
    expect(url.search).toBe('?signInError=expired');
  });
});

it('limits cookies to encrypted connections and to this host, where browsers come by https', async () => {
  const secure = await gateway.replica({ PORT: '0', CONSOLE_URL: 'https://isthmus.example' });
  const begun = await new Browser().open(`${secure.url}/auth/login`, { redirect: 'manual' });
  const ended = await new Browser().open(`${secure.url}/auth/logout`, { method: 'POST' });
  const cookies = [...begun.setCookies, ...ended.setCookies].map((text) => parseSetCookie(text)!);
  expect(cookies.map(({ name }) => name)).toEqual([
    expect.stringMatching(/^__Host-isthmus_sign_in_/),
    '__Host-isthmus_session',
  ]);
  for (const cookie of cookies) {
    expect(cookie).toMatchObject({ secure: true, httpOnly: true, sameSite: 'lax', path: '/' });
    expect(cookie.domain).toBeUndefined();
  }
});

it('takes a browser that came to localhost to the address of its cookies', async () => {
  const other = gateway.origin.replace('127.0.0.1', 'localhost');
  const moved = await new Browser().open(`${other}/auth/login?back=/orders`, { redirect: 'manual' });
  expect(moved.headers.get('location')).toBe(`${gateway.origin}/auth/login?back=%2Forders`);
});

describe('signing out', () => {
  it('ends the session here and at the identity provider', async () => {
    const { browser, call } = await gateway.signedIn();
    const kept = browser.cookies.get('isthmus_session')!;
    const [{ before }] = await gateway.rows('select count(*)::int as before from sessions');
    const out = await call('POST', '/auth/logout');
    expect(out).toMatchObject({ status: 200, json: { next: '/' } });
    expect(browser.cookies.has('isthmus_session')).toBe(false);
    const [{ after }] = await gateway.rows('select count(*)::int as after from sessions');
    expect(after).toBe(before - 1);
    const thief = new Browser();
    thief.cookies.set('isthmus_session', kept);
    expect((await me(thief)).status).toBe(401);
  });

  it('needs a page of ours, so that no other site can do it', async () => {
    const { browser } = await gateway.signedIn();
    const forged = await browser.open(`${gateway.origin}/auth/logout`, { method: 'POST' });
    expect(forged).toMatchObject({ status: 403, json: { type: 'urn:isthmus:problem:csrf' } });
    expect((await me(browser)).status).toBe(200);
  });

  it('twice is no error', async () => {
    const out = await new Browser().open(`${gateway.origin}/auth/logout`, { method: 'POST' });
    expect(out).toMatchObject({ status: 200, json: { next: '/' } });
  });
});

it('tells tokens neither to pages nor to the log, and stores them sealed', async () => {
  const { browser } = await gateway.signedIn();
  const [row] = await gateway.rows('select * from sessions order by created_at desc limit 1');
  expect(JSON.stringify(row)).not.toMatch(/eyJ[\w-]{10}/);
  const pages = await Promise.all(
    ['/', '/v1/me', '/auth/me'].map(async (path) => (await browser.open(gateway.origin + path)).text),
  );
  const told = [...pages, gateway.log()].join('\n');
  expect(told).not.toMatch(/eyJ[\w-]{10}/);
  expect(told).not.toContain(browser.cookies.get('isthmus_session')!.split('.')[1]);
  expect(gateway.log()).toMatch(/A person has signed in/);
});
