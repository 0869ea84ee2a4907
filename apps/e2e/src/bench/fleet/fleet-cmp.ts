import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { settingsOf } from '../stack/processes.ts';
import { RecordedCmp } from '../stack/recorded-cmp.ts';

/** How CMP treats one user: it answers at once, late, with an error, or lists its orders with some that are new each time. */
export type Treatment = 'prompt' | 'slow' | 'failing';

export interface FleetCmpState {
  /** Calls to the API, tokens included, since the start. */
  calls: number;
}

const slowMs = 5_000;
const world = new RecordedCmp(settingsOf<{ simulator: string }>().simulator);
const treatments = new Map<string, Treatment>();
const state: FleetCmpState = { calls: 0 };

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
    world.forget();
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
  if (url.pathname.endsWith('/orders')) return send(200, await world.ordersSince(url));
  send(200, await world.get(url.pathname + url.search));
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
