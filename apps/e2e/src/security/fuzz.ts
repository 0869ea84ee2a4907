// `npm run fuzz [-- <service>...]`: odd requests to every route of the API documents; none may end in a 5xx.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { eventually, startPostgres } from '@isthmus/testing';
import { syncCatalogue, syncEverything } from '../platform/acts.ts';
import { type Platform, startPlatform } from '../platform/start-platform.ts';
import { badRequests, type RawRequest } from './bad-inputs.ts';
import { named, type Route, routesOf, type Service, services } from './routes.ts';

const atOnce = 8;
const deadlineMs = 60_000;

interface Answer {
  status: number;
  text: string;
}

/** Sent as it is: `fetch` would correct the path and refuse some of the headers. */
function send(
  base: string,
  method: string,
  { path, headers, body }: RawRequest,
  auth: Record<string, string>,
) {
  const { hostname, port } = new URL(base);
  // Node sends the body of a DELETE without saying so, and the server takes it for the next request.
  const length: Record<string, number> =
    body === undefined ? {} : { 'content-length': Buffer.byteLength(body) };
  return new Promise<Answer>((resolve, reject) => {
    const sent = request(
      { hostname, port, method, path, headers: { ...auth, ...headers, ...length, connection: 'close' } },
      (response) => {
        let text = '';
        // A stream of events has no end.
        if (/event-stream/.test(response.headers['content-type'] ?? '')) response.destroy();
        response.on('data', (chunk: Buffer) => (text += String(chunk)));
        response.on('close', () => resolve({ status: response.statusCode ?? 0, text }));
      },
    );
    sent.setTimeout(deadlineMs, () => sent.destroy(new Error(`no answer within ${deadlineMs / 1000} s`)));
    sent.on('error', reject);
    sent.end(body);
  });
}

interface Listed {
  id?: string;
}

/** What a caller of each service sends with every request, and an id of something there is for each parameter. */
async function callers(platform: Platform) {
  const user = await platform.as();
  const connectorId = await syncEverything(platform, user);
  await syncCatalogue(user, connectorId);
  const hook = { url: 'http://127.0.0.1:9/' };
  const endpoint = (await user.webhooks.post('/v1/webhook-endpoints', hook)).body as { id: string };
  const key = (await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: 'fuzz' }))
    .body as {
    key: string;
  };
  const bearer = { authorization: `Bearer ${user.connectors.token}` };
  const urls: Record<Service, string> = {
    'connector-config': platform.connectorConfig.url,
    'account-sync': platform.accountSync.url,
    'product-catalog': platform.productCatalog!.url,
    'subscription-lifecycle': platform.lifecycle!.url,
    'rest-provider': platform.restProvider!.url,
    webhooks: platform.webhooks!.url,
  };
  const auth = (service: Service) =>
    service === 'rest-provider' ? { 'work-365-rest-provider-api-key': key.key } : bearer;

  const known = new Map<string, string | undefined>([
    ['/v1/connectors', connectorId],
    ['/v1/webhook-endpoints', endpoint.id],
  ]);
  /** The first thing of the list that the path's id is of; nothing where there is no such list or nothing in it. */
  const idIn = async ({ service }: Route, list: string): Promise<string | undefined> => {
    if (!known.has(list)) {
      const raw = { odd: '', path: list, headers: {} };
      const { status, text } = await send(urls[service], 'GET', raw, auth(service));
      const body = (status === 200 ? JSON.parse(text) : []) as Listed[] | { data?: Listed[] };
      known.set(list, (Array.isArray(body) ? body : (body.data ?? []))[0]?.id);
    }
    return known.get(list);
  };
  const idsOf = async (route: Route): Promise<Record<string, string>> => {
    const ids: Record<string, string> = {};
    for (const { name } of route.parameters.filter((one) => one.in === 'path')) {
      const list = route.path.slice(0, route.path.indexOf(`/{${name}}`));
      const id = list.includes('{') ? undefined : await idIn(route, list);
      ids[name] = id ?? randomUUID();
    }
    return ids;
  };
  return { urls, auth, idsOf };
}

const postgres = await startPostgres();
const off = { RATE_LIMIT_PER_CALLER: '0', RATE_LIMIT_PER_TENANT: '0', RATE_LIMIT_PER_ADDRESS: '0' };
const platform = await startPlatform({
  catalog: true,
  lifecycle: true,
  restProvider: true,
  webhooks: true,
  postgres: postgres.url,
  env: { ...off, LOG_LEVEL: 'error', WRITE_WAIT_MS: '500', VERIFY_DEADLINE_MS: '1000' },
});
let bad = 0;
try {
  const { urls, auth, idsOf } = await callers(platform);
  const asked = process.argv.slice(2);
  const statuses = new Map<number, number>();
  let sent = 0;
  for (const service of services.filter((one) => asked.length === 0 || asked.includes(one)))
    for (const route of routesOf(service)) {
      // What a test of it would wait for is not there.
      if (route.path === '/healthz/ready') continue;
      const requests = badRequests(route, await idsOf(route));
      const work = async () => {
        for (let one = requests.pop(); one; one = requests.pop()) {
          const answer = await send(urls[service], route.method, one, auth(service)).catch(
            (error: Error): Answer => ({ status: 599, text: error.message }),
          );
          sent += 1;
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          if (answer.status < 500) continue;
          bad += 1;
          process.stdout.write(
            `${answer.status} ${named(route)}: ${one.odd}\n  ${answer.text.slice(0, 300)}\n`,
          );
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    }
  for (const [service, url] of Object.entries(urls))
    await eventually(async () => {
      const ready = await fetch(`${url}/healthz/ready`);
      if (!ready.ok) throw new Error(`${service} is not ready any more.`);
      return true;
    });
  const counted = [...statuses]
    .sort(([one], [other]) => one - other)
    .map(([status, count]) => `${count} × ${status}`);
  process.stdout.write(`${sent} requests: ${counted.join(', ')}.\n${bad} of them ended in a 5xx.\n`);
} finally {
  await platform.stop();
  await postgres.stop();
}
process.exitCode = bad === 0 ? 0 : 1;
