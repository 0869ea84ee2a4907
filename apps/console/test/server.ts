import { createReadStream, existsSync, readFileSync, statSync } from 'node:fs';
import { createServer, request, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { operations } from '@isthmus/sdk';
import type { Stack } from './stack.ts';

const dist = join(import.meta.dirname, '../dist');
const types: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

const gateway = 'console-gateway';
const known = Object.entries(operations).map(([call, { service }]) => ({
  path: call.split(' ')[1]!,
  service,
}));
/** What the gateway puts together itself, also below a resource of a service. */
const composed = known
  .filter(({ service }) => service === gateway)
  .map(({ path }) => new RegExp(`^${path.replace(/\{\w+\}/g, '[^/]+')}$`));
const serviceOfSegment = new Map(
  known
    .filter(({ service }) => service !== gateway)
    .map(({ path, service }) => [path.split('/')[2]!, service]),
);

/** The service that has a path, by its first segment after `/v1`, as the operations of the SDK say. */
const serviceOf = (path: string): string =>
  composed.some((one) => one.test(path)) ? gateway : (serviceOfSegment.get(path.split('/')[2] ?? '') ?? '');

/**
 * The built console in front of a running stack, for tests only: pages with a fresh nonce under the strict policy, the API by
 * the token of a role, and a sign-in that is one redirect. What the gateway does beyond that is the gateway's to test.
 */
export function serveConsole(stack: Stack, role = 'admin'): Server {
  const [[tenant, tokens]] = Object.entries(stack.tokens) as [[string, Record<string, string>]];
  const csrf = crypto.randomUUID();
  return createServer((incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://127.0.0.1');
    const cookies = incoming.headers.cookie ?? '';
    const current = /role=(\w+)/.exec(cookies)?.[1] ?? role;
    if (url.pathname === '/auth/login') {
      response
        .writeHead(303, {
          location: url.searchParams.get('back') ?? '/',
          'set-cookie': 'signed-out=; Path=/; Max-Age=0',
        })
        .end();
    } else if (url.pathname.startsWith('/v1/')) {
      if (/signed-out=yes/.test(cookies))
        return problem(response, 401, 'unauthenticated', 'You are not signed in.');
      if (url.pathname === '/v1/me')
        return json(response, 200, {
          sub: subjectOf(tokens[current]!),
          name: `Contoso CSP: ${current}`,
          tenant,
          tenantName: 'Contoso CSP',
          roles: [current],
          role: current,
          csrf,
          expiresAt: new Date(Date.now() + 3_600_000).toISOString(),
          traceUrlTemplate: null,
          controlPanelUrlTemplate: 'https://cp.{marketplace}.{region}.example.com',
        });
      if (!['GET', 'HEAD'].includes(incoming.method ?? '') && incoming.headers['x-csrf'] !== csrf)
        return problem(response, 403, 'csrf', 'The header x-csrf does not name this session.');
      const address = stack.services[serviceOf(url.pathname)];
      if (!address) return problem(response, 404, 'not-found', `There is no ${url.pathname}.`);
      passOn(incoming, response, new URL(url.pathname + url.search, address), tokens[current]!);
    } else serveFile(url.pathname, response);
  });
}

/** Whom the platform takes the bearer of a token for. */
const subjectOf = (token: string): string =>
  (JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as { sub: string }).sub;

function passOn(incoming: IncomingMessage, response: ServerResponse, target: URL, token: string): void {
  const headers = { ...incoming.headers, host: target.host, authorization: `Bearer ${token}` };
  delete (headers as Record<string, unknown>)['cookie'];
  const passed = request(target, { method: incoming.method, headers }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  passed.on('error', () =>
    problem(response, 503, 'service-unavailable', `${target.pathname} cannot be reached.`),
  );
  response.on('close', () => passed.destroy());
  incoming.pipe(passed);
}

function serveFile(path: string, response: ServerResponse): void {
  const file = join(dist, normalize(path));
  if (file.startsWith(dist) && extname(path) !== '' && existsSync(file) && statSync(file).isFile()) {
    response.writeHead(200, { 'content-type': types[extname(path)] ?? 'application/octet-stream' });
    createReadStream(file).pipe(response);
    return;
  }
  const nonce = crypto.randomUUID();
  const policy =
    `default-src 'none'; script-src 'self' 'nonce-${nonce}'; style-src 'self' 'nonce-${nonce}'; img-src 'self' data:; ` +
    `font-src 'self' data:; connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'`;
  response.writeHead(200, {
    'content-type': types['.html'],
    'content-security-policy': policy,
    'cache-control': 'no-store',
  });
  response.end(readFileSync(join(dist, 'index.html'), 'utf8').replaceAll('__CSP_NONCE__', nonce));
}

function json(response: ServerResponse, status: number, body: object, type = 'application/json'): void {
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(body));
}

const problem = (response: ServerResponse, status: number, code: string, title: string): void =>
  json(
    response,
    status,
    { type: `urn:isthmus:problem:${code}`, title, status, correlationId: crypto.randomUUID() },
    'application/problem+json',
  );
