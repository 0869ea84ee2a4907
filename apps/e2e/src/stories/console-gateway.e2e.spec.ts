import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromiumPath, eventually } from '@isthmus/testing';
import { type BrowserContext, chromium, type Page } from '@playwright/test';
import { connectorFields, createConnector, startRun } from '../platform/acts.ts';
import { HttpClient, type Untyped } from '../platform/http-client.ts';
import { contoso, type GatewayPlatform, pressButton, startBehindGateway } from '../platform/gateway.ts';

let behind: GatewayPlatform;
let origin: string;
beforeAll(async () => {
  behind = await startBehindGateway();
  origin = behind.gateway.url;
});
afterAll(() => behind?.stop());

const executablePath = chromiumPath();
const inBrowser = executablePath ? describe : describe.skip;
const reason = executablePath ? '' : ' (skipped: there is no chromium here; apt-get install chromium)';

inBrowser('in a browser', () => {
  let folder: string;
  let context: BrowserContext;
  let page: Page;
  /** What the browser complained about, such as a violated policy. */
  const complaints: string[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'isthmus-browser-'));
    context = await chromium.launchPersistentContext(folder, {
      executablePath,
      headless: true,
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    });
    page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) complaints.push(message.text());
    });
    page.on('pageerror', (error) => complaints.push(error.message));
  });
  afterAll(async () => {
    await context?.close();
    await rm(folder, { recursive: true, force: true });
  });

  /** Runs in the page: it is a browser's code, and no part of this program. */
  const inPage = (code: string): Promise<Untyped> => page.evaluate(`(async () => { ${code} })()`);
  const fetched = (path: string, init: object = {}) =>
    inPage(`const response = await fetch(${JSON.stringify(path)}, ${JSON.stringify(init)});
            return { status: response.status, body: await response.json() };`);

  it(`a person signs in by one click and is known to the API${reason}`, async () => {
    await page.goto(`${origin}/orders`);
    await page.getByRole('link', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Contoso CSP: admin' }).click();
    await page.getByText('Signed in as Contoso CSP: admin.').waitFor();
    expect(new URL(page.url()).origin).toBe(origin);
    const me = await fetched('/v1/me');
    expect(me).toMatchObject({
      status: 200,
      body: { sub: 'admin@contoso.example', tenant: contoso, role: 'admin' },
    });
    expect(await fetched('/v1/connectors')).toEqual({ status: 200, body: { data: [], nextCursor: null } });
  });

  it(`a write of the page needs its header, and one of another site is refused${reason}`, async () => {
    const connector = JSON.stringify(connectorFields(behind.platform));
    const json = { 'content-type': 'application/json' };
    const without = await fetched('/v1/connectors', { method: 'POST', headers: json, body: connector });
    expect(without).toMatchObject({ status: 403, body: { type: 'urn:isthmus:problem:csrf' } });
    const { csrf } = (await fetched('/v1/me')).body;
    const headers = { ...json, 'x-csrf': csrf };
    expect((await fetched('/v1/connectors', { method: 'POST', headers, body: connector })).status).toBe(201);
    // The identity provider's page is another origin of the same host: the browser says so.
    await page.goto(`${behind.identity.issuer}/.well-known/openid-configuration`);
    const foreign = page.waitForResponse((response) => response.url().endsWith('/v1/connectors'));
    const forged = { method: 'POST', mode: 'no-cors', credentials: 'include', body: connector };
    await inPage(`fetch('${origin}/v1/connectors', ${JSON.stringify(forged)}).catch(() => undefined);`);
    expect((await foreign).status()).toBe(403);
    await page.goto(origin);
    const { body } = await fetched('/v1/connectors');
    expect(body.data.length).toBe(1);
  });

  it(`a run's events arrive while it runs${reason}`, async () => {
    const [{ id: connectorId }] = (await fetched('/v1/connectors')).body.data;
    const accounts = new HttpClient(origin, await programToken());
    const { id } = await startRun(accounts, { connectorId, scope: 'accounts' });
    const last = await inPage(
      `return new Promise((resolve, reject) => {
         const events = new EventSource('/v1/sync-runs/${id}/progress');
         events.addEventListener('finished', ({ data }) => (events.close(), resolve(JSON.parse(data))));
         setTimeout(() => reject(new Error('No end was announced.')), 60_000);
       });`,
    );
    expect(last.status).toBe('succeeded');
  });

  it(`neither page, storage, profile nor log has a token, and no policy was violated${reason}`, async () => {
    const stored = await inPage('return [{ ...localStorage }, { ...sessionStorage }, document.cookie];');
    expect(stored).toEqual([{}, {}, '']);
    const cookies = await context.cookies(origin);
    expect(cookies.filter(({ name }) => name.startsWith('isthmus'))).toMatchObject([
      { name: 'isthmus_session', httpOnly: true, sameSite: 'Lax' },
    ]);
    const texts = [
      await page.content(),
      behind.gateway.log,
      JSON.stringify(cookies),
      ...(await filesIn(folder)),
    ];
    for (const text of texts) expect(text.includes('eyJhbGciOi')).toBe(false);
    expect(complaints.filter((text) => /Content Security Policy|Refused to/.test(text))).toEqual([]);
  });

  it(`signing out ends the session${reason}`, async () => {
    const [cookie] = await context.cookies(origin);
    await page.getByRole('button', { name: 'Sign out' }).click();
    await page.getByText('You are not signed in.').waitFor();
    expect((await fetched('/v1/me')).status).toBe(401);
    const stolen = await fetch(`${origin}/v1/me`, {
      headers: { cookie: `${cookie!.name}=${cookie!.value}` },
    });
    expect(stolen.status).toBe(401);
  });
});

describe('a program', () => {
  it('of a person signs in by the browser and a port of its own, with PKCE and no secret', async () => {
    const { token, person } = await loopbackSignIn();
    const { status, body } = await new HttpClient(origin, token).get('/v1/me');
    expect([status, body.sub, body.csrf]).toEqual([200, person, null]);
    expect(
      (await new HttpClient(behind.platform.connectorConfig.url, token).get('/v1/connectors')).status,
    ).toBe(200);
  });

  it('of its own signs in with its credentials and uses the API through the gateway', async () => {
    const api = new HttpClient(origin, await programToken());
    expect((await api.get('/v1/me')).body).toMatchObject({ sub: 'job', tenant: contoso, role: 'admin' });
    const { id } = await createConnector({ connectors: api }, connectorFields(behind.platform, 'uk'));
    const { status, headers } = await api.get(`/v1/connectors/${id}`);
    expect([status, headers.get('etag')]).toEqual([200, '"1"']);
    const entry = await eventually(async () => {
      const { body } = await api.get(
        '/v1/audit?service=connector-config&action=connector.create&subject=job',
      );
      return body.data[0];
    });
    expect(entry).toMatchObject({ service: 'connector-config', thingId: id, sequence: expect.any(Number) });
  });
});

async function programToken(): Promise<string> {
  const { clientId, clientSecret } = behind.program;
  return granted({ grant_type: 'client_credentials', client_id: clientId, client_secret: clientSecret });
}

async function granted(parameters: Record<string, string>): Promise<string> {
  const response = await fetch(`${behind.identity.issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams(parameters),
  });
  const { access_token: token } = (await response.json()) as { access_token: string };
  return token;
}

/** As a command-line tool does it: it listens on a port, and whoever sits at the browser presses the button. */
async function loopbackSignIn(): Promise<{ token: string; person: string }> {
  const arrived = Promise.withResolvers<URL>();
  const server = createServer((request, response) => {
    response.end('You can close this page.');
    arrived.resolve(new URL(request.url!, 'http://127.0.0.1'));
  }).listen(0, '127.0.0.1');
  await new Promise((listening) => server.once('listening', listening));
  const redirect = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`;
  const verifier = randomBytes(32).toString('base64url');
  const state = randomBytes(16).toString('base64url');
  const query = new URLSearchParams({
    client_id: 'cli',
    response_type: 'code',
    redirect_uri: redirect,
    scope: 'openid profile offline_access',
    state,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  const person = 'viewer@fabrikam.example';
  await pressButton(`${behind.identity.issuer}/auth?${query.toString()}`, person);
  const { searchParams } = await arrived.promise;
  server.close();
  expect(searchParams.get('state')).toBe(state);
  const token = await granted({
    grant_type: 'authorization_code',
    client_id: 'cli',
    code: searchParams.get('code')!,
    redirect_uri: redirect,
    code_verifier: verifier,
  });
  return { token, person };
}

async function filesIn(folder: string): Promise<string[]> {
  const files = await readdir(folder, { recursive: true, withFileTypes: true });
  const contents = files
    .filter((file) => file.isFile())
    .map((file) => readFile(join(file.parentPath, file.name), 'latin1').catch(() => ''));
  return Promise.all(contents);
}
