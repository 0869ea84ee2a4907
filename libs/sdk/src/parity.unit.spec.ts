import { readdirSync, readFileSync } from 'node:fs';
import { ApiClient } from './client.ts';
import { operations } from './generated/operations.ts';

interface Parameter {
  name: string;
  in: string;
  required?: boolean;
}
interface Operation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, unknown> };
  responses: Record<string, { content?: Record<string, unknown> }>;
}

const folder = new URL('../../../docs/generated/openapi/', import.meta.url);
const documented = readdirSync(folder).flatMap((name) => {
  const { paths } = JSON.parse(readFileSync(new URL(name, folder), 'utf8')) as {
    paths: Record<string, Record<string, Operation>>;
  };
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, operation]) => ({
      service: name.replace('.json', ''),
      route: `${method.toUpperCase()} ${path}`,
      ...{ method, path, operation },
    })),
  );
});

/** Operations that have no call, and why not. */
const without = new Map([
  ['/healthz/live', 'for the platform that runs the service'],
  ['/healthz/ready', 'for the platform that runs the service'],
  ['/metrics', 'for the platform that runs the service'],
  ['/auth/login', 'for a browser'],
  ['/auth/callback', 'for a browser'],
  ['/auth/me', 'for a page, which is served beside it; programs ask /v1/me'],
  ['/auth/logout', 'for a page; a program forgets its token'],
]);
/** Each service has its own audit log and its own parked messages; the gateway makes one list of them. */
const isPart = (service: string, path: string) =>
  /^\/v1\/(audit|parked-messages)(\/|$)/.test(path) && service !== 'console-gateway';
/** Work 365 calls it with keys of its own; this repository has no other client of it. */
const isWork365s = (service: string, path: string) => service === 'rest-provider' && !path.startsWith('/v1/');

const called = documented.filter(
  ({ service, path }) => !isWork365s(service, path) && !without.has(path) && !isPart(service, path),
);

it('has a call for every operation of every document, or a line that says why not', () => {
  expect(called.map(({ route }) => route).toSorted()).toEqual(Object.keys(operations).toSorted());
  expect(called.length).toBeGreaterThan(110);
  for (const { route, service } of called)
    expect([route, operations[route as keyof typeof operations].service]).toEqual([route, service]);
});

it.each(called)('sends $route as its document says', async ({ method, path, operation, service }) => {
  const sent: Request[] = [];
  const ok = Object.keys(operation.responses).find((status) => status.startsWith('2'))!;
  const streams = Object.keys(operation.responses[ok]?.content ?? {}).includes('text/event-stream');
  const client = new ApiClient({
    baseUrl: { [service]: `http://${service}` },
    token: 'a-token',
    fetch: (request) => {
      sent.push(request);
      const body = streams ? 'event: finished\ndata: {}\n\n' : '{}';
      return Promise.resolve(new Response(ok === '204' ? null : body, { status: Number(ok) }));
    },
  });
  const names = (place: string) => (operation.parameters ?? []).filter((one) => one.in === place);
  const [bodyType] = Object.keys(operation.requestBody?.content ?? {});
  const input = {
    path: Object.fromEntries(names('path').map(({ name }) => [name, `${name} /x`])),
    query: Object.fromEntries(names('query').map(({ name }) => [name, 'q&'])),
    ...(bodyType && { body: bodyType.includes('json') ? { a: 1 } : 'a,b' }),
    ...(names('header').some(({ name }) => name === 'If-Match') && { version: 7 }),
  };
  if (streams) await client.stream(path as never, input as never, () => true).next();
  else await client[method as 'get'](path as never, input as never);

  const { url, headers } = sent[0]!;
  const { host, pathname, searchParams } = new URL(url);
  expect(sent[0]!.method).toBe(method.toUpperCase());
  expect(host).toBe(service);
  expect(pathname).toBe(path.replace(/\{(\w+)\}/g, (_, name: string) => `${name}%20%2Fx`));
  expect([...searchParams.keys()]).toEqual(names('query').map(({ name }) => name));
  expect(headers.get('authorization')).toBe('Bearer a-token');
  expect(headers.get('content-type')?.split(';')[0] ?? null).toBe(bodyType ?? null);
  for (const { name, required } of names('header')) {
    if (name === 'If-Match') expect(headers.get(name)).toBe('"7"');
    else if (required) expect(headers.get(name)).toMatch(/^[\x21-\x7e]{8,255}$/);
  }
});
