import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import { settingsOf } from '../stack/processes.ts';
import { RecordedCmp } from '../stack/recorded-cmp.ts';

/** How CMP treats all calls, whatever their subscription key. */
export interface Regime {
  /** From the arrival of a call to its response. */
  latencyMs: number;
  /** Rows of a page at most, whatever was asked for. */
  pageRows: number;
  /**
   * `window`: at most so many calls in any 60 s, as the gateway of CMP counts. `rate`: so many a minute, evenly, with a burst of a 20th
   * of them. Null: as many as anybody likes.
   */
  limit: { kind: 'window' | 'rate'; perMinute: number } | null;
}

/** A call as it arrived, by this process's own clock. */
export interface ArrivedCall {
  /** Milliseconds since 1970. */
  at: number;
  /** Answered with 429. */
  refused: boolean;
  /** If a wait was in force that an earlier response had requested: how long ago that response was sent, in ms. Otherwise null. */
  insideRetryAfter: number | null;
}

const world = new RecordedCmp(settingsOf<{ simulator: string }>().simulator);
let regime: Regime = { latencyMs: 0, pageRows: 500, limit: null };
let calls: ArrivedCall[] = [];
/** Times of the accepted calls of the last minute. */
let accepted: number[] = [];
let tokens = 0;
let tokensAt = 0;
/** The wait that was requested last, from the response that requested it. */
let closedFrom = 0;
let closedUntil = 0;

/** Admits a call, or returns for how many seconds there may be none. */
function refusal(now: number): number | undefined {
  const { limit } = regime;
  if (!limit) return undefined;
  if (limit.kind === 'window') {
    accepted = accepted.filter((at) => at > now - 60_000);
    if (accepted.length < limit.perMinute) return void accepted.push(now);
    return Math.ceil((accepted.at(-limit.perMinute)! + 60_000 - now) / 1000);
  }
  const perMs = limit.perMinute / 60_000;
  tokens = Math.min(limit.perMinute / 20, tokens + (now - tokensAt) * perMs);
  tokensAt = now;
  if (tokens >= 1) return void (tokens -= 1);
  return Math.ceil((1 - tokens) / perMs / 1000);
}

/**
 * CMP for many resellers, late and with a limit that it counts by its own clock. `PUT /regime` changes how it behaves, `GET /calls` lists what
 * has arrived since, `DELETE /calls` forgets it.
 */
async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://cmp');
  const send = (status: number, body: string, headers = {}) =>
    void outgoing.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body);
  if (url.pathname === '/regime') {
    regime = JSON.parse(await textOf(incoming)) as Regime;
    return send(200, '{}');
  }
  if (url.pathname === '/calls') {
    if (incoming.method === 'DELETE') [calls, accepted, tokens, closedUntil] = [[], [], 0, 0];
    return send(200, JSON.stringify(calls));
  }
  incoming.resume();
  const now = Date.now();
  const wait = refusal(now);
  const insideRetryAfter = now < closedUntil ? now - closedFrom : null;
  calls.push({ at: now, refused: wait !== undefined, insideRetryAfter });
  await setTimeout(regime.latencyMs);
  if (wait !== undefined) {
    if (Date.now() > closedUntil) closedFrom = Date.now();
    closedUntil = Math.max(closedUntil, now + wait * 1000);
    const message = `Rate limit is exceeded. Try again in ${wait} seconds.`;
    return send(429, JSON.stringify({ statusCode: 429, message }), { 'retry-after': String(wait) });
  }
  if (url.pathname.endsWith('/token')) return send(200, '{"token":"of anybody","expiresInSeconds":1800}');
  if (url.pathname.endsWith('/orders')) return send(200, await world.ordersSince(url));
  const limit = Number(url.searchParams.get('limit') ?? 0);
  if (limit > regime.pageRows) url.searchParams.set('limit', String(regime.pageRows));
  send(200, await world.get(url.pathname + url.search));
}

async function textOf(incoming: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of incoming) text += String(chunk);
  return text;
}

const server = createServer((incoming, outgoing) => {
  answer(incoming, outgoing).catch((error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    outgoing.writeHead(500).end('{}');
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}` })}\n`);
process.on('SIGTERM', () => process.exit(0));
