import { createServer } from 'node:http';
import { request } from 'undici';
import { settingsOf } from './program.ts';

/**
 * Stands in front of the simulator and answers list pages from memory after the first time, so that both sides of a
 * comparison read the same bytes and making them costs neither anything. Everything else passes through.
 * `DELETE /pages` forgets them.
 */
const { simulator } = settingsOf<{ simulator: string }>();
const pages = new Map<string, Buffer>();

const server = createServer(async (incoming, outgoing) => {
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
  const answer = await request(simulator + path, {
    method: incoming.method as 'GET',
    headers,
    body: chunks.length ? Buffer.concat(chunks) : null,
  });
  const body = Buffer.from(await answer.body.arrayBuffer());
  if (answer.statusCode === 200 && /\/subscriptions\?/.test(path)) pages.set(path, body);
  outgoing
    .writeHead(answer.statusCode, { 'content-type': String(answer.headers['content-type'] ?? '') })
    .end(body);
});
server.listen(0, '127.0.0.1', () => {
  const address = server.address() as { port: number };
  process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${address.port}` })}\n`);
});
