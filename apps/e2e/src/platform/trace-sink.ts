import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

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
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => (body += String(chunk)));
    request.on('end', () => {
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
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
