import { createServer } from 'node:http';
import { once } from 'node:events';

/** Takes what tracing sends and throws it away. */
export async function startTraceSink(): Promise<{ url: string; close(): void }> {
  const server = createServer((incoming, outgoing) => {
    incoming
      .resume()
      .on('end', () => outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{}'));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
