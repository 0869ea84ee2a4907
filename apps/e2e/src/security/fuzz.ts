// `npm run fuzz [-- <service>...]`: odd requests to every route of the API documents. None may end in a 5xx, and each must have
// got past the door: with a valid token or key, 401 and 429 say that nothing was tried.
import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { eventually, startPostgres } from '@isthmus/testing';
import { syncCatalogue, syncEverything } from '../platform/acts.ts';
import { type GatewayPlatform, startBehindGateway, wholePlatform } from '../platform/gateway.ts';
import { badRequests, type RawRequest } from './bad-inputs.ts';
import { named, type Route, routesOf, services } from './routes.ts';

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
async function callers({ platform, urlOf }: GatewayPlatform) {
  const user = await platform.as();
  const connectorId = await syncEverything(platform, user);
  await syncCatalogue(user, connectorId);
  const hook = { url: 'http://127.0.0.1:9/' };
  const endpoint = (await user.webhooks.post('/v1/webhook-endpoints', hook)).body as { id: string };
  const issued = await user.connectors.post(`/v1/connectors/${connectorId}/api-keys`, { label: 'fuzz' });
  const { key } = issued.body as { key: string };
  // A token is valid for ten minutes, and a new one is signed each minute.
  const auth = async ({ role }: Pick<Route, 'role'>): Promise<Record<string, string>> =>
    role === 'api-key'
      ? { 'work-365-rest-provider-api-key': key }
      : { authorization: `Bearer ${await platform.token()}` };

  const known = new Map<string, string | undefined>([
    ['/v1/connectors', connectorId],
    ['/v1/webhook-endpoints', endpoint.id],
  ]);
  /** The first thing of the list that the path's id is of; nothing where there is no such list or nothing in it. */
  const idIn = async (route: Route, list: string): Promise<string | undefined> => {
    if (!known.has(list)) {
      const raw = { odd: '', path: list, headers: {} };
      const { status, text } = await send(urlOf(route.service), 'GET', raw, await auth(route));
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
  return { auth, idsOf };
}

/** Why an answer counts as a failure; undefined if it does not. */
function faultOf({ role }: Route, { status, text }: Answer): string | undefined {
  if (status >= 500) return 'a 5xx';
  if (status === 401 || status === 429) return 'not let in';
  return role === 'api-key' && status === 403 && text.includes('Invalid client!') ? 'not let in' : undefined;
}

const asked = process.argv.slice(2);
const unknown = asked.filter((one) => !services.includes(one));
if (unknown.length > 0) {
  process.stderr.write(`There is no service ${unknown.join(', ')}. There are: ${services.join(', ')}.\n`);
  process.exit(2);
}

const postgres = await startPostgres();
const off = {
  ...{ RATE_LIMIT_PER_CALLER: '0', RATE_LIMIT_PER_TENANT: '0', RATE_LIMIT_PER_ADDRESS: '0' },
  AUTH_FAILURES_PER_ADDRESS: '0',
};
const behind = await startBehindGateway({
  ...wholePlatform,
  postgres: postgres.url,
  env: { ...off, LOG_LEVEL: 'error', WRITE_WAIT_MS: '500', VERIFY_DEADLINE_MS: '1000' },
});
let bad = 0;
try {
  const { auth, idsOf } = await callers(behind);
  const statuses = new Map<number, number>();
  for (const service of services.filter((one) => asked.length === 0 || asked.includes(one))) {
    // What a test of readiness would wait for is not there.
    const routes = routesOf(service).filter(({ path }) => path !== '/healthz/ready');
    let judged = 0;
    for (const route of routes) {
      const requests = badRequests(route, await idsOf(route));
      const work = async () => {
        for (let one = requests.pop(); one; one = requests.pop()) {
          const answer = await send(behind.urlOf(service), route.method, one, await auth(route)).catch(
            (error: Error): Answer => ({ status: 599, text: error.message }),
          );
          judged += 1;
          statuses.set(answer.status, (statuses.get(answer.status) ?? 0) + 1);
          const fault = faultOf(route, answer);
          if (!fault) continue;
          bad += 1;
          process.stdout.write(
            `${answer.status}, ${fault}: ${named(route)}: ${one.odd}\n  ${answer.text.slice(0, 300)}\n`,
          );
        }
      };
      await Promise.all(Array.from({ length: atOnce }, work));
    }
    process.stdout.write(`${service}: ${judged} requests to ${routes.length} routes were judged.\n`);
    if (judged === 0) bad += 1;
  }
  for (const service of services)
    await eventually(async () => {
      const ready = await fetch(`${behind.urlOf(service)}/healthz/ready`);
      if (!ready.ok) throw new Error(`${service} is not ready any more.`);
      return true;
    });
  const counted = [...statuses]
    .sort(([one], [other]) => one - other)
    .map(([status, count]) => `${count} × ${status}`);
  const sum = [...statuses.values()].reduce((total, count) => total + count, 0);
  process.stdout.write(`${sum} requests were judged: ${counted.join(', ')}.\n${bad} of them failed.\n`);
} finally {
  await behind.stop();
  await postgres.stop();
}
process.exitCode = bad === 0 ? 0 : 1;
