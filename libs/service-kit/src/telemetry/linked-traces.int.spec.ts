import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { eventually } from '@isthmus/testing';
import { runNotes, type RunningNotes } from '../../test/notes.fixture.ts';

interface Span {
  traceId: string;
  name: string;
  parentSpanId?: string;
  links?: { traceId: string; spanId: string }[];
  attributes: { key: string; value: { stringValue?: string; intValue?: number } }[];
}

let sink: Server;
let notes: RunningNotes;
const spans: Span[] = [];

beforeAll(async () => {
  sink = createServer((ask, answer) => {
    void text(ask).then((body) => {
      for (const resource of JSON.parse(body).resourceSpans)
        for (const scope of resource.scopeSpans) spans.push(...scope.spans);
    });
    answer.end('{}');
  });
  await new Promise<void>((resolve) => sink.listen(0, '127.0.0.1', resolve));
  const { port } = sink.address() as AddressInfo;
  const endpoint = `http://127.0.0.1:${port}`;
  notes = await runNotes({}, { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SAMPLE_RATIO: '1' });
});
afterAll(async () => {
  await notes.close();
  sink.close();
});

const traceId = '0af7651916cd43dd8448eb211c80319c';
const headers = { traceparent: `00-${traceId}-b7ad6b7169203331-01` };
const value = (span: Span, key: string) => span.attributes.find((one) => one.key === key)?.value;

it('the trace of a stranger is linked to, not continued; that of an authenticated caller is continued', async () => {
  await notes.call('GET', '/v1/notes', { token: null, headers });
  const refused = await eventually(() => spans.find(({ name }) => name === 'GET /v1/notes'));
  expect(refused.traceId).not.toBe(traceId);
  expect(refused.parentSpanId ?? '').toBe('');
  expect(refused.links).toMatchObject([{ traceId, spanId: 'b7ad6b7169203331' }]);
  expect(value(refused, 'isthmus.problem.type')?.stringValue).toContain('unauthenticated');
  expect(value(refused, 'http.response.status_code')).toEqual({ intValue: 401 });
  expect(spans.filter((span) => span.traceId === traceId)).toEqual([]);

  await notes.call('GET', '/v1/notes', { headers });
  const continued = await eventually(() => spans.find((span) => span.traceId === traceId));
  expect(continued).toMatchObject({ name: expect.any(String) });
  const served = await eventually(() =>
    spans.find((span) => span.traceId === traceId && span.name === 'GET /v1/notes'),
  );
  expect(served.parentSpanId).toBe('b7ad6b7169203331');
  expect(served.links ?? []).toEqual([]);
});

it('a caller without the role is known all the same, and its trace is continued', async () => {
  const other = '1af7651916cd43dd8448eb211c80319d';
  const nobody = await notes.issuer.token({ roles: [] });
  await notes.call('GET', '/v1/notes', {
    token: nobody,
    headers: { traceparent: `00-${other}-b7ad6b7169203331-01` },
  });
  const refused = await eventually(() => spans.find((span) => span.traceId === other));
  expect(value(refused, 'http.response.status_code')).toEqual({ intValue: 403 });
});
