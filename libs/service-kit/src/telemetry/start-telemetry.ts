import { subscribe } from 'node:diagnostics_channel';
import { context, propagation, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { PrometheusExporter } from '@opentelemetry/exporter-prometheus';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import {
  AlwaysOffSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace';

interface TelemetryOptions {
  service: string;
  /** Base address of an OTLP/HTTP collector; no spans are exported without it. */
  endpoint?: string;
  sampleRatio: number;
}

export interface Telemetry {
  /** Read by GET /metrics. */
  metrics: PrometheusExporter;
  /** Sends what is still held back. */
  stop(): Promise<void>;
}

let started: Telemetry | undefined;

/** Sets OpenTelemetry up, once per process, from these options alone: no resource detection, no OTEL_ variables. */
export async function startTelemetry({
  service,
  endpoint,
  sampleRatio,
}: TelemetryOptions): Promise<Telemetry> {
  if (started) return started;
  const prometheus = new PrometheusExporter({
    preventServerStart: true,
    withoutTargetInfo: true,
    withoutScopeInfo: true,
  });
  const root = endpoint ? new TraceIdRatioBasedSampler(sampleRatio) : new AlwaysOffSampler();
  const exporting = endpoint ? [await exportingProcessor(endpoint)] : [];
  new NodeSDK({
    autoDetectResources: false,
    resource: resourceFromAttributes({ 'service.name': service, 'service.namespace': 'isthmus' }),
    sampler: new ParentBasedSampler({ root }),
    spanProcessors: exporting,
    metricReaders: [prometheus],
    logRecordProcessors: [],
    textMapPropagator: new W3CTraceContextPropagator(),
  }).start();
  traceOutgoingRequests();
  started = {
    metrics: prometheus,
    stop: async () => {
      await Promise.all(exporting.map((processor) => processor.forceFlush()));
    },
  };
  return started;
}

async function exportingProcessor(endpoint: string): Promise<BatchSpanProcessor> {
  const { OTLPTraceExporter } = await import('@opentelemetry/exporter-trace-otlp-http');
  return new BatchSpanProcessor({
    exporter: new OTLPTraceExporter({ url: `${endpoint.replace(/\/$/, '')}/v1/traces` }),
  });
}

/** What undici publishes, as far as it is used here (undici docs, "Diagnostics Channel Support"). */
interface OutgoingRequest {
  origin: string | URL;
  method: string;
  path: string;
  addHeader(name: string, value: string): void;
}

const tracer = trace.getTracer('isthmus');
const spans = new WeakMap<OutgoingRequest, Span>();
let subscribed = false;

/**
 * Client spans for undici requests, and the trace context in their headers. The query is left out: it may hold
 * personal data. Requests outside of a trace are left alone.
 */
function traceOutgoingRequests(): void {
  if (subscribed) return;
  subscribed = true;
  subscribe('undici:request:create', (message) => {
    const { request } = message as { request: OutgoingRequest };
    const parent = trace.getActiveSpan();
    if (!parent) return;
    const span = parent.isRecording() ? startSpan(request) : undefined;
    if (span) spans.set(request, span);
    const own = trace.setSpan(context.active(), span ?? parent);
    propagation.inject(own, request, { set: (carrier, name, value) => carrier.addHeader(name, value) });
  });
  subscribe('undici:request:headers', (message) => {
    const { request, response } = message as { request: OutgoingRequest; response: { statusCode: number } };
    const span = spans.get(request);
    span?.setAttribute('http.response.status_code', response.statusCode);
    if (response.statusCode >= 400) span?.setStatus({ code: SpanStatusCode.ERROR });
  });
  subscribe('undici:request:trailers', (message) =>
    finish((message as { request: OutgoingRequest }).request),
  );
  subscribe('undici:request:error', (message) => {
    const { request, error } = message as { request: OutgoingRequest; error: Error & { code?: string } };
    spans.get(request)?.setStatus({ code: SpanStatusCode.ERROR, message: error.code ?? error.name });
    finish(request);
  });
}

function startSpan(request: OutgoingRequest): Span {
  const origin = new URL(request.origin);
  const path = request.path.split('?', 1)[0] ?? '/';
  return tracer.startSpan(request.method, {
    kind: SpanKind.CLIENT,
    attributes: {
      'http.request.method': request.method,
      'url.full': `${origin.origin}${path}`,
      'server.address': origin.hostname,
      'server.port': Number(origin.port || (origin.protocol === 'https:' ? 443 : 80)),
    },
  });
}

function finish(request: OutgoingRequest): void {
  spans.get(request)?.end();
  spans.delete(request);
}
