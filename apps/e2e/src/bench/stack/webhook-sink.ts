import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

/** What has come since it was last asked to forget. */
export interface SinkState {
  count: number;
  /** Events that came after a later version of the same subject. */
  disorder: number;
}

/** A receiver in a process of its own: takes webhooks, watches the order of each subject, says how many came. */
let state: SinkState = { count: 0, disorder: 0 };
let versions = new Map<string, number>();

const server = createServer((request, response) => {
  let body = '';
  request.on('data', (chunk) => (body += String(chunk)));
  request.on('end', () => {
    if (request.method === 'GET') return response.end(JSON.stringify(state));
    if (request.method === 'DELETE') {
      state = { count: 0, disorder: 0 };
      versions = new Map();
      return response.writeHead(204).end();
    }
    const { subject, aggregateversion: version } = JSON.parse(body) as {
      subject: string;
      aggregateversion: number;
    };
    state.count += 1;
    if (version < (versions.get(subject) ?? 0)) state.disorder += 1;
    versions.set(subject, version);
    return response.writeHead(204).end();
  });
}).listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
process.stdout.write(`${JSON.stringify({ listening: `http://127.0.0.1:${port}/hook` })}\n`);
process.on('SIGTERM', () => process.exit(0));
