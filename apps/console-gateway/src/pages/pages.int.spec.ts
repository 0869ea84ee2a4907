import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { send } from '@isthmus/testing';
import { rawGet } from '@isthmus/testing';
import { runGateway, type RunningGateway } from '../../test/gateway.fixture.ts';

const index = `<!doctype html><html><head><meta property="csp-nonce" nonce="__CSP_NONCE__">
<script type="module" nonce="__CSP_NONCE__" src="/assets/index-1a2b3c.js"></script></head><body></body></html>`;

let folder: string;
let gateway: RunningGateway;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'isthmus-pages-'));
  gateway = await runGateway({ env: { CONSOLE_DIR: join(folder, 'dist') } });
});
afterAll(async () => {
  await gateway.stop();
  await rm(folder, { recursive: true, force: true });
});

const asked = (path: string, accept = 'text/html,application/xhtml+xml,*/*;q=0.8') =>
  send('GET', gateway.origin + path, undefined, { accept });
const nonceIn = (text: string) => /nonce="([^"]+)"/.exec(text)?.[1];

it('has a page of its own before any are built', async () => {
  const { status, text, headers } = await asked('/');
  expect([status, headers.get('content-type')]).toEqual([200, 'text/html; charset=utf-8']);
  expect(text).toContain('href="/auth/login"');
  expect(headers.get('content-security-policy')).toContain(`'nonce-${nonceIn(text)}'`);
});

describe('built pages', () => {
  beforeAll(async () => {
    await mkdir(join(folder, 'dist/assets'), { recursive: true });
    await writeFile(join(folder, 'dist/index.html'), index);
    await writeFile(join(folder, 'dist/assets/index-1a2b3c.js'), 'export {};');
    await writeFile(join(folder, 'dist/favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
    await writeFile(join(folder, 'secret.txt'), 'not a page');
  });

  it('are served with a nonce that is another one each time, and a policy without exceptions', async () => {
    const [one, other] = [await asked('/'), await asked('/')];
    const nonce = nonceIn(one.text)!;
    expect(nonce).toMatch(/^[\w-]{24}$/);
    expect(nonceIn(other.text)).not.toBe(nonce);
    expect(one.text).not.toContain('__CSP_NONCE__');
    expect(one.text.split(nonce).length).toBe(3);
    const policy = one.headers.get('content-security-policy')!;
    expect(policy).not.toContain('unsafe');
    expect(Object.fromEntries(policy.split('; ').map((rule) => rule.split(/ (.*)/)))).toMatchObject({
      'default-src': "'none'",
      'script-src': `'self' 'nonce-${nonce}'`,
      'style-src': `'self' 'nonce-${nonce}'`,
      'connect-src': "'self'",
      'frame-ancestors': "'none'",
      'base-uri': "'self'",
    });
    expect(Object.fromEntries(one.headers)).toMatchObject({
      'cache-control': 'no-store',
      'cross-origin-opener-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      'x-frame-options': 'DENY',
    });
  });

  it.each(['/orders', '/orders/4711?tab=calls', '/admin/hub/integrations', '/index.html'])(
    '%s is the page, whose own router takes over',
    async (path) => {
      const { status, text } = await asked(path);
      expect([status, text.includes('/assets/index-1a2b3c.js')]).toEqual([200, true]);
    },
  );

  it('keep the files whose names change for ever, and ask for the others again', async () => {
    const script = await asked('/assets/index-1a2b3c.js', '*/*');
    expect(script).toMatchObject({ status: 200, text: 'export {};' });
    expect(script.headers.get('content-type')).toMatch(/javascript/);
    expect(script.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    const icon = await asked('/favicon.svg', 'image/avif,*/*');
    expect([icon.status, icon.headers.get('cache-control')]).toEqual([200, 'no-cache']);
    const again = await rawGet(gateway.origin, '/favicon.svg', {
      'if-none-match': icon.headers.get('etag')!,
    });
    expect(again.status).toBe(304);
  });

  it.each([
    ['/assets/index-old.js', '*/*'],
    ['/assets/', 'text/html'],
    ['/auth/nothing', 'text/html'],
    ['/healthz/nothing', 'text/html'],
    ['/orders', 'application/json'],
  ])('%s for %s is 404 and not the page', async (path, accept) => {
    const { status, body } = await asked(path, accept);
    expect([status, body.type]).toEqual([404, 'urn:isthmus:problem:not-found']);
  });

  it.each([
    '/../secret.txt',
    '/..%2fsecret.txt',
    '/%2e%2e/secret.txt',
    '/assets/..%5c..%5csecret.txt',
    '/.env',
  ])('%s stays in the folder', async (path) => {
    const { request } = await import('undici');
    const response = await request(`${gateway.origin}/`, { path, headers: { accept: '*/*' } } as never);
    expect(await response.body.text()).not.toContain('not a page');
  });

  it('are read again when they were built again', async () => {
    const file = join(folder, 'dist/index.html');
    await writeFile(file, index.replace('1a2b3c', '4d5e6f'));
    await utimes(file, new Date(), new Date(Date.now() + 5_000));
    expect((await asked('/')).text).toContain('/assets/index-4d5e6f.js');
  });
});

it('writes nowhere but to /v1 and /auth', async () => {
  const { status, headers } = await send('POST', `${gateway.origin}/orders`);
  expect([status, headers.get('allow')]).toEqual([405, 'GET']);
});
