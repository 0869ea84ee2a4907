import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { eventually, freePort, spawnTied } from '@isthmus/testing';

export interface ReceivedWebhook {
  headers: IncomingHttpHeaders;
  body: string;
}

/** Receives webhooks and stores them; responds with 204, or not at all while `hold` is set. */
export async function webhookReceiver() {
  const received: ReceivedWebhook[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      received.push({ headers: request.headers, body });
      if (!receiver.hold()) response.writeHead(204).end();
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const receiver = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    hold: () => false,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

const program = fileURLToPath(new URL('../../../../examples/webhook-receiver/receive.mjs', import.meta.url));

/** examples/webhook-receiver as a separate process, which registers itself with this token. */
export async function exampleReceiver(isthmusUrl: string, token: string) {
  const child = spawnTied(process.execPath, [program], {
    env: {
      PATH: process.env.PATH ?? '',
      ISTHMUS_URL: isthmusUrl,
      ISTHMUS_TOKEN: token,
      PORT: String(await freePort()),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (said += String(chunk)));
  await eventually(() => {
    if (child.exitCode !== null) throw new Error(`The receiver ended:\n${said}`);
    return said.includes('Receiving at');
  });
  return {
    /** What it has printed. */
    get said() {
      return said;
    },
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

export interface SeenSpan {
  traceId: string;
  spanId: string;
  parentSpanId: string;
  name: string;
  service: string;
}

/** A stand-in for an OpenTelemetry collector: takes OTLP over HTTP as JSON and keeps the spans. */
export async function traceSink() {
  const spans: SeenSpan[] = [];
  const bodies: string[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
      bodies.push(body);
      for (const resource of JSON.parse(body || '{}').resourceSpans ?? []) {
        const named = resource.resource.attributes.find((a: { key: string }) => a.key === 'service.name');
        for (const scope of resource.scopeSpans) {
          for (const { traceId, spanId, parentSpanId, name } of scope.spans) {
            spans.push({
              traceId,
              spanId,
              parentSpanId: parentSpanId ?? '',
              name,
              service: named?.value.stringValue ?? '',
            });
          }
        }
      }
      response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    /** Everything as it came, for looking for what must not be in it. */
    bodies,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
