import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { defaultAccounts } from '@isthmus/cmp-simulator';
import { request } from 'undici';
import { settingsOf } from '../stack/processes.ts';

/** How CMP treats one user: it answers at once, late, with an error, or lists its orders with some that are new each time. */
export type Treatment = 'prompt' | 'slow' | 'failing';

export interface FleetCmpState {
  /** Calls to the API, tokens included, since the start. */
  calls: number;
}

const slowMs = 5_000;
const [account] = defaultAccounts;
const { simulator } = settingsOf<{ simulator: string }>();
/** What the simulator answered, by address. */
const answers = new Map<string, Promise<string>>();
const treatments = new Map<string, Treatment>();
const state: FleetCmpState = { calls: 0 };
let token: Promise<string> | undefined;

/**
 * CMP for many resellers: any user gets a token and sees the world of the simulator's first account, from memory after the first time.
 * `DELETE /pages` makes it forget what may have changed, `PUT /users/<name>/<treatment>` treats a user in another way.
 */
async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://cmp');
  const send = (status: number, body: string) =>
    void outgoing.writeHead(status, { 'content-type': 'application/json' }).end(body);
  if (url.pathname === '/state') return send(200, JSON.stringify(state));
  if (url.pathname === '/pages') {
    answers.clear();
    return send(200, '{}');
  }
  const [, user, treatment] = /^\/users\/([^/]+)\/(\w+)$/.exec(url.pathname) ?? [];
  if (user) {
    treatments.set(user, treatment as Treatment);
    return send(200, '{}');
  }
  state.calls += 1;
  const [scheme, credentials = ''] = (incoming.headers.authorization ?? '').split(' ');
  const name =
    scheme === 'Basic' ? Buffer.from(credentials, 'base64').toString().split(':')[0]! : credentials;
  if (treatments.get(name) === 'slow') await setTimeout(slowMs);
  if (treatments.get(name) === 'failing') return send(503, '{"message":"Service unavailable"}');
  if (url.pathname.endsWith('/token'))
    return send(200, JSON.stringify({ token: name, expiresInSeconds: 1800 }));
  if (url.pathname.endsWith('/orders')) return send(200, await ordersSince(url));
  send(200, await fromSimulator(url.pathname + url.search));
}

interface Listed {
  data: { creationDate: string }[];
  pagination: object;
}

/** Every reader asks since another moment, so that the list is kept whole. */
async function ordersSince(url: URL): Promise<string> {
  const since = url.searchParams.get('creationTimeFrom') ?? '';
  url.searchParams.delete('creationTimeFrom');
  const { data, pagination } = JSON.parse(await fromSimulator(url.pathname + url.search)) as Listed;
  const recent = data.filter(({ creationDate }) => creationDate >= since);
  return JSON.stringify({ data: recent, pagination: { ...pagination, total: recent.length } });
}

function fromSimulator(path: string): Promise<string> {
  let known = answers.get(path);
  if (!known) answers.set(path, (known = ask(path)));
  return known;
}

async function ask(path: string): Promise<string> {
  const authorization = `Bearer ${await (token ??= login(path.split('/').slice(0, 3).join('/')))}`;
  return call(path, { authorization });
}

async function login(base: string): Promise<string> {
  const basic = Buffer.from(`${account.username}:${account.password}`).toString('base64');
  const body = JSON.stringify({ marketplace: account.marketplace });
  const text = await call(`${base}/token`, { authorization: `Basic ${basic}` }, body);
  return (JSON.parse(text) as { token: string }).token;
}

async function call(path: string, headers: Record<string, string>, body?: string): Promise<string> {
  const response = await request(simulator + path, {
    method: body ? 'POST' : 'GET',
    headers: {
      ...headers,
      ...(body && { 'content-type': 'application/json' }),
      'x-subscription-key': account.subscriptionKey,
    },
    body: body ?? null,
  });
  const text = await response.body.text();
  if (response.statusCode !== 200)
    throw new Error(`The simulator answered ${path} with ${response.statusCode}: ${text.slice(0, 200)}`);
  return text;
}

const server = createServer((incoming, outgoing) => {
  incoming.resume();
  answer(incoming, outgoing).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    outgoing.writeHead(500).end('{}');
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
process.on('SIGTERM', () => process.exit(0));
