import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { type Reply, send, spawnTied } from '@isthmus/testing';

/** As OTLP/HTTP has it in JSON. */
export interface Span {
  traceId: string;
  spanId: string;
  parentSpanId?: string;
  name: string;
  links?: { traceId: string; spanId: string }[];
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

/**
 * A service whose spans are received here. Tracing is set up once per process, so it has one of its own.
 * @param sampleRatio of new traces
 */
export async function runTraced(sampleRatio: number) {
  const spans: Span[] = [];
  const seen: { traceparent?: string } = {};
  const sink = createServer((incoming, answer) => {
    if (incoming.url?.startsWith('/upstream')) seen.traceparent = incoming.headers.traceparent as string;
    else
      void text(incoming).then((body) => {
        for (const resource of JSON.parse(body).resourceSpans)
          for (const scope of resource.scopeSpans) spans.push(...scope.spans);
      });
    answer.end('{}');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const sinkUrl = `http://127.0.0.1:${(sink.address() as AddressInfo).port}`;
  const program = fileURLToPath(new URL('./traced.program.ts', import.meta.url));
  const service = spawnTied(
    process.execPath,
    ['--import', '@isthmus/testing/load-sources', program],
    {
      env: {
        ...process.env,
        UPSTREAM: sinkUrl,
        OTEL_EXPORTER_OTLP_ENDPOINT: sinkUrl,
        OTEL_SAMPLE_RATIO: String(sampleRatio),
        OTEL_BSP_SCHEDULE_DELAY: '200',
      },
      stdio: ['ignore', 'pipe', 'inherit'],
    },
    'SIGTERM',
  );
  const [line] = await once(createInterface(service.stdout!), 'line');
  const { url, token, tokenWithoutRole } = JSON.parse(line) as Record<string, string>;
  return {
    spans,
    /** What the service sent to the next server. */
    seen,
    token: token!,
    tokenWithoutRole: tokenWithoutRole!,
    call: (method: string, path: string, headers: Record<string, string> = {}): Promise<Reply> =>
      send(method, `${url}${path}`, undefined, headers),
    stop: async () => {
      service.kill('SIGTERM');
      await once(service, 'exit');
      sink.close();
    },
  };
}

export const valueOf = (span: Span | undefined, key: string) =>
  span?.attributes.find((one) => one.key === key)?.value;
