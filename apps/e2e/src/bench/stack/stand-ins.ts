import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { request } from 'undici';
import { settingsOf } from './processes.ts';

/** What has arrived since it was last told to forget. */
export interface SinkState {
  count: number;
  /** Events that arrived after a later version of the same subject. */
  disorder: number;
}

/**
 * Stands in front of the simulator and serves list pages from memory after the first time, so that both sides of a
 * comparison read the same bytes and neither pays for producing them. Everything else is passed through.
 * `DELETE /pages` makes it forget them.
 */
function cachedPages(simulator: string): RequestListener {
  const pages = new Map<string, Buffer>();
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const path = incoming.url ?? '/';
    if (incoming.method === 'DELETE' && path === '/pages') {
      pages.clear();
      return outgoing.end();
    }
    const page = pages.get(path);
    if (page) return outgoing.writeHead(200, { 'content-type': 'application/json' }).end(page);
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const { host: _, connection: __, ...headers } = incoming.headers;
    const response = await request(simulator + path, {
      method: incoming.method as 'GET',
      headers,
      body: chunks.length ? Buffer.concat(chunks) : null,
    });
    const body = Buffer.from(await response.body.arrayBuffer());
    if (response.statusCode === 200 && /\/subscriptions\?/.test(path)) pages.set(path, body);
    outgoing
      .writeHead(response.statusCode, { 'content-type': String(response.headers['content-type'] ?? '') })
      .end(body);
  };
  return (incoming, outgoing) => void answer(incoming, outgoing);
}

/** Receives webhooks, checks the order of each subject, and reports how many arrived. */
function webhookSink(): RequestListener {
  let state: SinkState = { count: 0, disorder: 0 };
  let versions = new Map<string, number>();
  return (incoming, outgoing) => {
    let body = '';
    incoming.on('data', (chunk) => (body += String(chunk)));
    incoming.on('end', () => {
      if (incoming.method === 'GET') return outgoing.end(JSON.stringify(state));
      if (incoming.method === 'DELETE') {
        state = { count: 0, disorder: 0 };
        versions = new Map();
        return outgoing.writeHead(204).end();
      }
      const { subject, aggregateversion: version } = JSON.parse(body) as {
        subject: string;
        aggregateversion: number;
      };
      state.count += 1;
      if (version < (versions.get(subject) ?? 0)) state.disorder += 1;
      versions.set(subject, version);
      return outgoing.writeHead(204).end();
    });
  };
}

/** Run as a program: one of the servers that a benchmark needs, in a process of its own. */
if (import.meta.main) {
  const { simulator } = settingsOf<{ simulator?: string }>();
  const server = createServer(simulator ? cachedPages(simulator) : webhookSink()).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const listening = `http://127.0.0.1:${port}${simulator ? '' : '/hook'}`;
  process.stdout.write(`${JSON.stringify({ listening })}\n`);
  process.on('SIGTERM', () => process.exit(0));
}
